import Foundation
import S3

/// The store, each call on behalf of a delivery a span, with its tries in place.
///
/// Attributes by https://opentelemetry.io/docs/specs/semconv/object-stores/s3/
struct TracingStore: MultipartStore {
    let store: any MultipartStore
    let configuration: S3Configuration

    private func tracing<Value>(
        _ operation: S3Operation,
        key: String? = nil,
        uploadID: String? = nil,
        _ call: () async throws(S3Error) -> Value
    ) async throws(S3Error) -> Value {
        guard let span = Span.current?.child("S3.\(operation.rawValue)", .client) else { return try await call() }
        defer { span.end() }
        self.describe(operation, key: key, uploadID: uploadID, in: span)
        do {
            return try await call()
        } catch {
            span.fail(error.code)
            if let status = error.status { span.set("http.response.status_code", .integer(status)) }
            span.set("aws.request_id", error.requestID)
            throw error
        }
    }

    private func describe(_ operation: S3Operation, key: String?, uploadID: String?, in span: Span) {
        let endpoint = self.configuration.endpoint ?? .aws(region: self.configuration.region)
        span.set("rpc.system", .text("aws-api"))
        span.set("rpc.service", .text("S3"))
        span.set("rpc.method", .text(operation.rawValue))
        span.set("aws.s3.bucket", .text(self.configuration.bucket))
        span.set("aws.s3.key", key)
        span.set("aws.s3.upload_id", uploadID)
        span.set("cloud.region", .text(self.configuration.region))
        span.set("server.address", .text(endpoint.host))
        if let port = endpoint.port { span.set("server.port", .integer(port)) }
    }

    func createMultipartUpload(
        key: String,
        contentType: String,
        metadata: [String: String]
    ) async throws(S3Error) -> CreatedMultipartUpload {
        try await self.tracing(.createMultipartUpload, key: key) { () throws(S3Error) in
            try await self.store.createMultipartUpload(key: key, contentType: contentType, metadata: metadata)
        }
    }

    func completeMultipartUpload(
        key: String,
        uploadID: String,
        parts: [(number: Int, etag: String)]
    ) async throws(S3Error) -> CompletedMultipartUpload {
        try await self.tracing(.completeMultipartUpload, key: key, uploadID: uploadID) { () throws(S3Error) in
            try await self.store.completeMultipartUpload(key: key, uploadID: uploadID, parts: parts)
        }
    }

    func abortMultipartUpload(key: String, uploadID: String) async throws(S3Error) {
        try await self.tracing(.abortMultipartUpload, key: key, uploadID: uploadID) { () throws(S3Error) in
            try await self.store.abortMultipartUpload(key: key, uploadID: uploadID)
        }
    }

    func listParts(key: String, uploadID: String) async throws(S3Error) -> [S3.UploadedPart] {
        try await self.tracing(.listParts, key: key, uploadID: uploadID) { () throws(S3Error) in
            try await self.store.listParts(key: key, uploadID: uploadID)
        }
    }

    func listMultipartUploads(key: String) async throws(S3Error) -> [ListedUpload] {
        try await self.tracing(.listMultipartUploads, key: key) { () throws(S3Error) in
            try await self.store.listMultipartUploads(key: key)
        }
    }

    func headObject(key: String) async throws(S3Error) -> ObjectHead? {
        try await self.tracing(.headObject, key: key) { () throws(S3Error) in
            try await self.store.headObject(key: key)
        }
    }

    func headBucket() async throws(S3Error) {
        try await self.tracing(.headBucket) { () throws(S3Error) in try await self.store.headBucket() }
    }

    func presignedParts(
        key: String,
        uploadID: String,
        partCount: Int,
        asked: Duration,
        now: Date
    ) async throws(S3Error) -> PresignedParts {
        try await self.store.presignedParts(
            key: key,
            uploadID: uploadID,
            partCount: partCount,
            asked: asked,
            now: now
        )
    }

    func url(ofKey key: String) -> String { self.store.url(ofKey: key) }
}
