package import FoundationEssentials
package import Logging

/// S3 multipart uploads of one bucket.
///
/// `run()` owns the one thread that speaks HTTP; calls made before it starts wait for it.
package final class S3Client: Sendable {
    private let configuration: S3Configuration
    private let credentials: any CredentialsProvider
    private let logger: Logger

    package init(configuration: S3Configuration, credentials: any CredentialsProvider, logger: Logger) {
        self.configuration = configuration
        self.credentials = credentials
        self.logger = logger
    }

    /// Serves the calls until cancelled; those then under way end as cancelled.
    package func run() async throws {
    }
}

extension S3Client {
    /// Opens an upload and returns its id.
    package func createMultipartUpload(
        key: String,
        contentType: String,
        metadata: [String: String]
    ) async throws(S3Error) -> String {
        throw Self.unfinished
    }

    package func completeMultipartUpload(
        key: String,
        uploadID: String,
        parts: [(number: Int, etag: String)]
    ) async throws(S3Error) -> CompletedMultipartUpload {
        throw Self.unfinished
    }

    package func abortMultipartUpload(key: String, uploadID: String) async throws(S3Error) {
        throw Self.unfinished
    }

    /// All parts that the store has, by number.
    package func listParts(key: String, uploadID: String) async throws(S3Error) -> [UploadedPart] {
        throw Self.unfinished
    }

    /// The uploads open for exactly this key.
    package func listMultipartUploads(key: String) async throws(S3Error) -> [ListedUpload] {
        throw Self.unfinished
    }

    /// Nil where there is no such object.
    package func headObject(key: String) async throws(S3Error) -> ObjectHead? {
        throw Self.unfinished
    }

    /// Whether the bucket is there, in this region, and open to these credentials.
    package func headBucket() async throws(S3Error) {
        throw Self.unfinished
    }

    /// URLs to put parts 1 to `partCount` to, and when they all end.
    package func presignedParts(
        key: String,
        uploadID: String,
        partCount: Int,
        asked: Duration,
        now: Date
    ) async throws(S3Error) -> PresignedParts {
        throw Self.unfinished
    }

    private static let unfinished = S3Error(
        operation: .headBucket,
        kind: .permanent,
        code: "NotImplemented",
        message: "",
        status: nil,
        requestID: nil,
        outcomeIsUnknown: false
    )
}
