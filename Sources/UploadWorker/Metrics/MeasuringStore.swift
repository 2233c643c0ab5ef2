import Foundation
import S3

/// The store, each call to it measured.
struct MeasuringStore: MultipartStore {
    let store: any MultipartStore
    let metrics: WorkerMetrics
    let contact: StoreContact

    private func measuring<Value>(
        _ operation: S3Operation,
        _ call: () async throws(S3Error) -> Value
    ) async throws(S3Error) -> Value {
        let began = ContinuousClock.now
        do {
            let value = try await call()
            self.metrics.storeCalls.observe(.now - began, operation.rawValue)
            self.contact.answered()
            return value
        } catch {
            if error.isAnswer { self.contact.answered() }
            self.metrics.storeCalls.observe(.now - began, operation.rawValue)
            self.metrics.storeErrors.add([operation.rawValue, error.code])
            throw error
        }
    }

    func createMultipartUpload(
        key: String,
        contentType: String,
        metadata: [String: String]
    ) async throws(S3Error) -> CreatedMultipartUpload {
        try await self.measuring(.createMultipartUpload) { () throws(S3Error) in
            try await self.store.createMultipartUpload(key: key, contentType: contentType, metadata: metadata)
        }
    }

    func completeMultipartUpload(
        key: String,
        uploadID: String,
        parts: [(number: Int, etag: String)]
    ) async throws(S3Error) -> CompletedMultipartUpload {
        try await self.measuring(.completeMultipartUpload) { () throws(S3Error) in
            try await self.store.completeMultipartUpload(key: key, uploadID: uploadID, parts: parts)
        }
    }

    func abortMultipartUpload(key: String, uploadID: String) async throws(S3Error) {
        try await self.measuring(.abortMultipartUpload) { () throws(S3Error) in
            try await self.store.abortMultipartUpload(key: key, uploadID: uploadID)
        }
    }

    func listParts(key: String, uploadID: String) async throws(S3Error) -> [S3.UploadedPart] {
        try await self.measuring(.listParts) { () throws(S3Error) in
            try await self.store.listParts(key: key, uploadID: uploadID)
        }
    }

    func listMultipartUploads(key: String) async throws(S3Error) -> [ListedUpload] {
        try await self.measuring(.listMultipartUploads) { () throws(S3Error) in
            try await self.store.listMultipartUploads(key: key)
        }
    }

    func headObject(key: String) async throws(S3Error) -> ObjectHead? {
        try await self.measuring(.headObject) { () throws(S3Error) in try await self.store.headObject(key: key) }
    }

    func headBucket() async throws(S3Error) {
        try await self.measuring(.headBucket) { () throws(S3Error) in try await self.store.headBucket() }
    }

    func presignedParts(
        key: String,
        uploadID: String,
        partCount: Int,
        asked: Duration,
        now: Date
    ) async throws(S3Error) -> PresignedParts {
        let signed = try await self.store.presignedParts(
            key: key,
            uploadID: uploadID,
            partCount: partCount,
            asked: asked,
            now: now
        )
        // Whole seconds: a second less is no shortening.
        if signed.expiresAt.timeIntervalSince(now) < asked.inSeconds - 2 { self.metrics.shortenedURLs.add() }
        return signed
    }

    func url(ofKey key: String) -> String { self.store.url(ofKey: key) }
}
