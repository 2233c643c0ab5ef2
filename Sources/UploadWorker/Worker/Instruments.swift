import Logging
import S3
import Uploads

/// What watches the worker's effects: metrics, traces and, outside release builds, crash points.
///
/// The nearest to the effect measures, around that are the spans, and outermost the crash points.
struct Instruments: Sendable {
    let metrics: WorkerMetrics
    let storeContact = StoreContact()
    /// Nil where nothing is traced, like the tracer.
    let exporter: SpanExporter?
    let tracer: Tracer?
    private let settings: Settings

    init(_ settings: Settings, _ logger: Logger) {
        let metrics = WorkerMetrics(schedule: settings.retry.schedule)
        let exporter = settings.traces.map { SpanExporter($0, metrics: metrics, logger: logger) }
        self.metrics = metrics
        self.exporter = exporter
        self.tracer = exporter.flatMap { exporter in
            settings.traces.map { Tracer(sampler: $0.sampler, queue: exporter.queue) }
        }
        self.settings = settings
    }

    func around(_ store: any MultipartStore) -> any MultipartStore {
        let measuring = StoreMeasuring(
            metrics: self.metrics,
            contact: self.storeContact,
            minimumURLLife: self.settings.sessions.minimumURLLife
        )
        var watched: any MultipartStore = InterceptedStore(store: store, interceptor: measuring)
        if self.tracer != nil {
            let tracing = StoreTracing(configuration: self.settings.store.configuration)
            watched = InterceptedStore(store: watched, interceptor: tracing)
        }
        return CrashPoints.around(watched)
    }

    func around(_ sessions: any SessionStore) -> any SessionStore {
        var watched = sessions
        if self.tracer != nil {
            let tracing = SessionTracing(system: self.settings.sessions.database.system)
            watched = InterceptedSessions(sessions: watched, interceptor: tracing)
        }
        return CrashPoints.around(watched)
    }

    func around(_ publisher: any MessagePublisher) -> any MessagePublisher {
        let names = self.settings.broker.topology
        var watched: any MessagePublisher = MeasuringPublisher(publisher: publisher, metrics: self.metrics)
        if self.tracer != nil { watched = TracingPublisher(publisher: watched, names: names) }
        return CrashPoints.around(watched, names)
    }
}
