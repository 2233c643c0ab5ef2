import AMQP
import Uploads

/// Makes a span of every delivery; whatever is done on its behalf finds it as `Span.current`.
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
}
