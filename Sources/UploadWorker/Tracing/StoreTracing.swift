import S3

/// Makes a span of each call to the store on behalf of a delivery, with its tries in place.
///
/// Attributes by https://opentelemetry.io/docs/specs/semconv/object-stores/s3/
struct StoreTracing: StoreInterceptor {
    let configuration: S3Configuration

    func around<Value>(
        _ call: StoreCall,
        _ body: () async throws(S3Error) -> Value
    ) async throws(S3Error) -> Value {
        guard let span = Span.current?.child("S3.\(call.operation.rawValue)", .client) else { return try await body() }
        defer { span.end() }
        self.describe(call, in: span)
        do {
            return try await body()
        } catch {
            span.fail(error.code)
            if let status = error.status { span.set("http.response.status_code", .integer(status)) }
            span.set("aws.request_id", error.requestID)
            throw error
        }
    }

    private func describe(_ call: StoreCall, in span: Span) {
        let endpoint = self.configuration.endpoint ?? .aws(region: self.configuration.region)
        span.set("rpc.system", .text("aws-api"))
        span.set("rpc.service", .text("S3"))
        span.set("rpc.method", .text(call.operation.rawValue))
        span.set("aws.s3.bucket", .text(self.configuration.bucket))
        span.set("aws.s3.key", call.key)
        span.set("aws.s3.upload_id", call.uploadID)
        span.set("cloud.region", .text(self.configuration.region))
        span.set("server.address", .text(endpoint.host))
        if let port = endpoint.port { span.set("server.port", .integer(port)) }
    }
}
