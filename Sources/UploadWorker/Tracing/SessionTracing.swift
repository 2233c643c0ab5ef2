/// Makes a span of each write of a session on behalf of a delivery; it ends with the commit.
struct SessionTracing: SessionInterceptor {
    /// Which database it is, by OpenTelemetry's name.
    let system: String

    func around<Value>(_ call: SessionCall, _ body: () async throws -> Value) async throws -> Value {
        guard call.isWrite else { return try await body() }
        return try await Span.within("commit", .client) { span in
            span?.set("db.system.name", .text(self.system))
            span?.set("db.operation.name", .text(call.rawValue))
            return try await body()
        }
    }
}
