import Foundation
import S3

/// A call to the store, for those who stand around it.
struct StoreCall: Sendable {
    let operation: S3Operation
    var key: String?
    var uploadID: String?
}

/// Stands around every call to the store: counts it, traces it, or crashes beside it.
protocol StoreInterceptor: Sendable {
    func around<Value>(
        _ call: StoreCall,
        _ body: () async throws(S3Error) -> Value
    ) async throws(S3Error) -> Value

    /// Told of URLs that were signed, which is no call.
    func signed(_ parts: PresignedParts, asked: Duration, now: Date)
}

extension StoreInterceptor {
    func signed(_ parts: PresignedParts, asked: Duration, now: Date) {}
}

/// A store with somebody around every call to it.
struct InterceptedStore<Interceptor: StoreInterceptor>: MultipartStore {
    let store: any MultipartStore
    let interceptor: Interceptor

    func createMultipartUpload(
        key: String,
        contentType: String,
        metadata: [String: String]
    ) async throws(S3Error) -> CreatedMultipartUpload {
        try await self.interceptor.around(StoreCall(operation: .createMultipartUpload, key: key)) {
            () throws(S3Error) in
            try await self.store.createMultipartUpload(key: key, contentType: contentType, metadata: metadata)
        }
    }

    func completeMultipartUpload(
        key: String,
        uploadID: String,
        parts: [(number: Int, etag: String)]
    ) async throws(S3Error) -> CompletedMultipartUpload {
        let call = StoreCall(operation: .completeMultipartUpload, key: key, uploadID: uploadID)
        return try await self.interceptor.around(call) { () throws(S3Error) in
            try await self.store.completeMultipartUpload(key: key, uploadID: uploadID, parts: parts)
        }
    }

    func abortMultipartUpload(key: String, uploadID: String) async throws(S3Error) {
        let call = StoreCall(operation: .abortMultipartUpload, key: key, uploadID: uploadID)
        try await self.interceptor.around(call) { () throws(S3Error) in
            try await self.store.abortMultipartUpload(key: key, uploadID: uploadID)
        }
    }

    func listParts(key: String, uploadID: String) async throws(S3Error) -> [S3.UploadedPart] {
        let call = StoreCall(operation: .listParts, key: key, uploadID: uploadID)
        return try await self.interceptor.around(call) { () throws(S3Error) in
            try await self.store.listParts(key: key, uploadID: uploadID)
        }
    }

    func listMultipartUploads(key: String) async throws(S3Error) -> [ListedUpload] {
        try await self.interceptor.around(StoreCall(operation: .listMultipartUploads, key: key)) {
            () throws(S3Error) in
            try await self.store.listMultipartUploads(key: key)
        }
    }

    func headObject(key: String) async throws(S3Error) -> ObjectHead? {
        try await self.interceptor.around(StoreCall(operation: .headObject, key: key)) { () throws(S3Error) in
            try await self.store.headObject(key: key)
        }
    }

    func headBucket() async throws(S3Error) {
        try await self.interceptor.around(StoreCall(operation: .headBucket)) { () throws(S3Error) in
            try await self.store.headBucket()
        }
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
        self.interceptor.signed(signed, asked: asked, now: now)
        return signed
    }

    func url(ofKey key: String) -> String { self.store.url(ofKey: key) }
}
