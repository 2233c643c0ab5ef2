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

/// Puts spans around the effects of the worker; gives back what it was given where nothing is traced.
enum Tracing {
    static func around(
        _ store: any MultipartStore,
        _ settings: StoreSettings,
        _ tracer: Tracer?
    ) -> any MultipartStore {
        tracer == nil ? store : TracingStore(store: store, configuration: settings.configuration)
    }

    static func around(
        _ sessions: any SessionStore,
        _ location: DatabaseLocation,
        _ tracer: Tracer?
    ) -> any SessionStore {
        tracer == nil ? sessions : TracingSessions(sessions: sessions, system: location.system)
    }

    static func around(
        _ publisher: any MessagePublisher,
        _ names: TopologyNames,
        _ tracer: Tracer?
    ) -> any MessagePublisher {
        tracer == nil ? publisher : TracingPublisher(publisher: publisher, names: names)
    }
}
