import FoundationEssentials
import Testing

@testable import Uploads

/// Values that most tests start from.
enum Fixture {
    static let rules = UploadRules()
    static let now = Date(timeIntervalSince1970: 1_800_000_000)

    static func file(user: String = "42", file: String = "a.png") throws -> FileReference {
        FileReference(userID: try UserID(parsing: user), fileID: try FileID(parsing: file))
    }

    static func session(
        uploadID: String = "U1",
        partCount: Int? = 3,
        contentType: ContentType? = ContentType(stored: "image/png"),
        state: Session.State = .started
    ) throws -> Session {
        let file = try self.file()
        return Session(
            id: try #require(SessionID(parsing: "6f9619ff-8b86-4d01-b42d-00cf4fc964ff")),
            file: file,
            uploadID: try UploadID(parsing: uploadID),
            key: KeyTemplate.standard.key(for: file),
            partCount: partCount,
            contentType: contentType,
            startedAt: self.now,
            expiresAt: self.now + 86_400,
            state: state
        )
    }

    static func completion(checksum: Checksum? = nil, contentType: ContentType? = nil) throws -> Completion {
        Completion(
            location: "https://s3.example/bucket/users/42/a.png",
            etag: try ETag(parsing: "\"0123abcd-3\""),
            size: 12_345_678_901,
            checksum: checksum,
            contentType: contentType
        )
    }

    static func parts(_ count: Int) throws -> [Part] {
        try (1...count).map { Part(number: $0, etag: try ETag(parsing: "e\($0)")) }
    }
}

/// Reads a request from text, as the worker does from a message.
func request(
    _ body: String,
    _ kind: RequestKind = .start,
    rules: UploadRules = Fixture.rules
) throws(RequestRefusal) -> UploadRequest {
    try UploadRequest(parsing: Array(body.utf8), bodySize: body.utf8.count, kind: kind, rules: rules)
}

/// The refusal of a body that must be refused.
func refusal(
    of body: String,
    _ kind: RequestKind = .start,
    rules: UploadRules = Fixture.rules,
    sourceLocation: SourceLocation = #_sourceLocation
) throws -> RequestRefusal {
    let accepted: UploadRequest
    do throws(RequestRefusal) {
        accepted = try request(body, kind, rules: rules)
    } catch {
        return error
    }
    Issue.record("accepted \(accepted)", sourceLocation: sourceLocation)
    throw Accepted()
}

struct Accepted: Error {}

/// Random numbers that are the same in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
