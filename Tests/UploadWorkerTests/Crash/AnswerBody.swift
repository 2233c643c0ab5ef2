import Uploads

/// A result without its URLs and their end: what is the same whenever the same request is answered again.
struct AnswerBody: Decodable, Equatable, Sendable {
    struct Failure: Decodable, Equatable, Sendable {
        var code: String
        var message: String
    }

    struct Listed: Decodable, Equatable, Sendable {
        var partNumber: Int
        var etag: String

        private enum CodingKeys: String, CodingKey {
            case partNumber = "part_number"
            case etag
        }
    }

    var type: String
    var request: String?
    var fileID: String?
    var userID: String?
    var uploadID: String?
    var key: String?
    var partCount: Int?
    var contentType: String?
    var location: String?
    var etag: String?
    var filesize: Int64?
    var uploadedParts: [Listed]?
    var error: Failure?

    private enum CodingKeys: String, CodingKey {
        case type, request, key, location, etag, filesize, error
        case fileID = "file_id"
        case userID = "user_id"
        case uploadID = "upload_id"
        case partCount = "part_count"
        case contentType = "content_type"
        case uploadedParts = "uploaded_parts"
    }

    var failureCode: FailureCode? { self.error.flatMap { FailureCode(rawValue: $0.code) } }
}
