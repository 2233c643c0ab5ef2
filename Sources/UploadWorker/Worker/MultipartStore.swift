import Foundation
import S3

/// The calls to the store that requests are made of. `S3Client` makes them for real.
protocol MultipartStore: Sendable {
    func createMultipartUpload(
        key: String,
        contentType: String,
        metadata: [String: String]
    ) async throws(S3Error) -> CreatedMultipartUpload

    func completeMultipartUpload(
        key: String,
        uploadID: String,
        parts: [(number: Int, etag: String)]
    ) async throws(S3Error) -> CompletedMultipartUpload

    func abortMultipartUpload(key: String, uploadID: String) async throws(S3Error)
    func listParts(key: String, uploadID: String) async throws(S3Error) -> [S3.UploadedPart]
    func listMultipartUploads(key: String) async throws(S3Error) -> [ListedUpload]
    func headObject(key: String) async throws(S3Error) -> ObjectHead?
    func headBucket() async throws(S3Error)

    func presignedParts(
        key: String,
        uploadID: String,
        partCount: Int,
        asked: Duration,
        now: Date
    ) async throws(S3Error) -> PresignedParts

    func url(ofKey key: String) -> String
}

extension S3Client: MultipartStore {}
