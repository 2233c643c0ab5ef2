import Foundation
import Uploads

/// Messages as a backend sends them and as the worker answers.
struct Messages {
    private let rules = UploadRules()
    private let start = Array(
        """
        {"version": 1, "file_id": "0b8a4f7e-3c52-4f0e-9d0c-6f1f0f6a2b11", "user_id": 42, "part_count": 20, \
        "content_type": "video/mp4"}
        """.utf8
    )
    private let complete: [UInt8]

    init() {
        let parts = (1...20)
            .map { "{\"part_number\": \($0), \"etag\": \"\\\"9b2cf535f27731c974343645a3985328\\\"\"}" }
            .joined(separator: ", ")
        self.complete = Array(
            """
            {"file_id": "0b8a4f7e-3c52-4f0e-9d0c-6f1f0f6a2b11", "user_id": 42, "upload_id": "\(Self.uploadID)", \
            "parts": [\(parts)]}
            """.utf8
        )
    }

    func readStart() throws -> UploadRequest {
        try UploadRequest(parsing: self.start, bodySize: self.start.count, kind: .start, rules: self.rules)
    }

    func readComplete() throws -> UploadRequest {
        try UploadRequest(parsing: self.complete, bodySize: self.complete.count, kind: .complete, rules: self.rules)
    }

    func started(parts: Int) throws -> UploadResult {
        let file = try self.readStart().file
        let key = self.rules.keyTemplate.key(for: file)
        let now = Date(timeIntervalSince1970: 1_700_000_000)
        let session = Session(
            id: SessionID(UUID()),
            file: file,
            uploadID: try UploadID(parsing: Self.uploadID),
            key: key,
            partCount: parts,
            contentType: ContentType(stored: "video/mp4"),
            startedAt: now,
            expiresAt: now + 86_400
        )
        let urls = (1...parts).map { PresignedURL(self.sampleURL(key: key, part: $0)) }
        return .started(Grant(session: session, urls: urls, expiresAt: now + 86_400))
    }

    private func sampleURL(key: ObjectKey, part: Int) -> String {
        let path = "/" + key.rawValue
        return NaiveSigner.sample.url(path: path, uploadID: Self.uploadID, part: part, moment: "20231114T221320Z")
    }

    private static let uploadID = String(repeating: "aB3_", count: 32)
}
