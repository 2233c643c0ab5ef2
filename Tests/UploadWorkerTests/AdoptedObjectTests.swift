import Foundation
import S3
import Testing
import Uploads

@testable import UploadWorker

@Suite("An object under the key of a session whose upload is gone")
struct AdoptedObjectTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test(
        "is an adopted session's if it came to be after that, give or take what clocks may differ",
        arguments: [
            ("Fri, 15 Jan 2027 07:59:00 GMT", true), ("Fri, 15 Jan 2027 07:46:00 GMT", true),
            ("Fri, 15 Jan 2027 07:44:00 GMT", false), ("Thu, 14 Jan 2027 08:00:00 GMT", false), (nil, true),
        ]
    )
    func adopted(modified: String?, isItsOwn: Bool) async throws {
        let file = FileReference(userID: try UserID(parsing: "42"), fileID: try FileID(parsing: "f"))
        let session = Session.adopted(
            id: SessionID(UUID()),
            file: file,
            uploadID: try UploadID(parsing: "up"),
            key: ObjectKey("k"),
            startedAt: Self.now,
            expiresAt: Self.now.addingTimeInterval(86_400)
        )
        let handler = RequestHandler(
            rules: UploadRules(),
            store: ObjectStore(modified: modified),
            sessions: try SQLiteFile().open(),
            urlExpiry: .seconds(86_400),
            now: { Self.now },
            makeSessionID: { SessionID(UUID()) },
            logger: CrashSettings.logger
        )
        #expect((try await handler.completedObject(of: session) != nil) == isItsOwn)
    }
}

/// A store with one object, of a session that nobody here knows.
private struct ObjectStore: MultipartStore {
    let modified: String?

    func headObject(key: String) -> ObjectHead? {
        ObjectHead(
            etag: "e-1",
            size: 1,
            contentType: nil,
            metadata: [Session.metadataName: "another"],
            checksum: nil,
            modified: self.modified
        )
    }

    func headBucket() {}
    func url(ofKey key: String) -> String { key }
    func listMultipartUploads(key: String) -> [ListedUpload] { [] }
    func abortMultipartUpload(key: String, uploadID: String) throws(S3Error) { throw Self.gone(.abortMultipartUpload) }

    func listParts(key: String, uploadID: String) throws(S3Error) -> [S3.UploadedPart] {
        throw Self.gone(.listParts)
    }

    func createMultipartUpload(
        key: String,
        contentType: String,
        metadata: [String: String]
    ) throws(S3Error) -> CreatedMultipartUpload {
        throw Self.gone(.createMultipartUpload)
    }

    func completeMultipartUpload(
        key: String,
        uploadID: String,
        parts: [(number: Int, etag: String)]
    ) throws(S3Error) -> CompletedMultipartUpload {
        throw Self.gone(.completeMultipartUpload)
    }

    func presignedParts(key: String, uploadID: String, partCount: Int, asked: Duration, now: Date) -> PresignedParts {
        PresignedParts(urls: [], expiresAt: now)
    }

    private static func gone(_ operation: S3Operation) -> S3Error {
        S3Error(operation: operation, kind: .noSuchUpload, code: "NoSuchUpload")
    }
}
