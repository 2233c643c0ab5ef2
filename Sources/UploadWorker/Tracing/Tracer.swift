import AMQP
import Uploads

/// Makes a span of every delivery, and of what the worker does by itself; whatever is done on its behalf finds it as `Span.current`.
struct Tracer: Sendable {
    let sampler: Sampler
    let queue: SpanQueue

    func tracing(_ delivery: Delivery, _ body: () async -> Void) async {
        let caller = TraceContext(of: delivery)
        let trace = self.sampler.trace(caller, newID: (.random(in: 1 ... .max), .random(in: 0 ... .max)))
        let span = Span(
            "process \(delivery.queue)",
            .consumer,
            trace: trace,
            parentID: trace.parentID,
            queue: self.queue
        )
        if trace.isSampled { span.describe(delivery) }
        await Span.$current.withValue(span) { await body() }
        span.end()
    }

    /// What the worker does on behalf of no delivery, as a trace of its own.
    func tracing<Value>(_ name: String, _ body: (Span) async throws -> Value) async throws -> Value {
        let trace = self.sampler.trace(nil, newID: (.random(in: 1 ... .max), .random(in: 0 ... .max)))
        let span = Span(name, .internal, trace: trace, parentID: nil, queue: self.queue)
        defer { span.end() }
        return try await Span.$current.withValue(span) { try await span.noting(body) }
    }
}
