import S3

/// The messages of the contract as a requester writes and reads them.
struct StartMessage: Encodable {
    var fileID: String
    var userID: String
    var partCount: Int
    var contentType: String?

    enum CodingKeys: String, CodingKey {
        case fileID = "file_id"
        case userID = "user_id"
        case partCount = "part_count"
        case contentType = "content_type"
    }
}

struct CompleteMessage: Encodable {
    struct Part: Encodable {
        var number: Int
        var etag: String

        enum CodingKeys: String, CodingKey {
            case number = "part_number"
            case etag
        }
    }

    var fileID: String
    var userID: String
    var uploadID: String
    var parts: [Part]

    enum CodingKeys: String, CodingKey {
        case fileID = "file_id"
        case userID = "user_id"
        case uploadID = "upload_id"
        case parts
    }
}

struct AbortMessage: Encodable {
    var fileID: String
    var userID: String
    var uploadID: String

    enum CodingKeys: String, CodingKey {
        case fileID = "file_id"
        case userID = "user_id"
        case uploadID = "upload_id"
    }
}

protocol ResultMessage {
    static var type: String { get }
}

struct StartedMessage: Decodable, ResultMessage {
    static let type = "upload.started"
    var uploadID: String
    var presignedURLs: [PresignedURL]

    enum CodingKeys: String, CodingKey {
        case uploadID = "upload_id"
        case presignedURLs = "presigned_urls"
    }
}

struct CompletedMessage: Decodable, ResultMessage {
    static let type = "upload.completed"
    var fileID: String
    var userID: String
    var uploadID: String
    var key: String
    var contentType: String?
    var location: String
    var etag: String
    var filesize: Int64

    enum CodingKeys: String, CodingKey {
        case fileID = "file_id"
        case userID = "user_id"
        case uploadID = "upload_id"
        case contentType = "content_type"
        case key, location, etag, filesize
    }
}

struct AbortedMessage: Decodable, ResultMessage {
    static let type = "upload.aborted"
    var uploadID: String
    var key: String

    enum CodingKeys: String, CodingKey {
        case uploadID = "upload_id"
        case key
    }
}

/// What every result has.
struct AnyResultMessage: Decodable {
    struct Failure: Decodable {
        var status: Int
        var code: String
        var message: String
        var retryable: Bool
    }

    var type: String
    var error: Failure?
}
