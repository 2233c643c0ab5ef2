import AMQP
import Foundation
import Logging
import S3
import Uploads

extension S3Client {
    /// A client for a worker: every request in flight may wait for the store at once, and none for the connections of
    /// another queue's or of the sweep.
    convenience init(_ settings: Settings, metrics: WorkerMetrics, logger: Logger) {
        var configuration = settings.store.configuration
        configuration.maxConnections =
            Int(settings.broker.prefetch) * RequestKind.allCases.count + ExpirySweep.usualWidth
        self.init(
            configuration: configuration,
            credentials: settings.store.credentials,
            logger: logger,
            retried: { error in metrics.storeRetries.add([error.operation.rawValue, error.code]) }
        )
    }
}

extension RequestHandler {
    init(
        _ settings: Settings,
        store: any MultipartStore,
        sessions: any SessionStore,
        logger: Logger
    ) {
        self.init(
            rules: settings.rules,
            store: store,
            sessions: sessions,
            urlExpiry: settings.sessions.urlExpiry,
            now: { Date() },
            makeSessionID: { SessionID(UUID()) },
            logger: logger
        )
    }
}

extension Publications {
    init(_ settings: Settings) {
        self.init(
            names: settings.broker.topology,
            replyToPattern: settings.results.replyToPattern,
            replyExchange: settings.results.replyExchange
        )
    }
}

extension QueueDepth {
    private static let interval = Duration.seconds(10)

    /// Of the dead letters; its connection's troubles are those of the others, which say so.
    convenience init(_ broker: BrokerSettings) {
        self.init(
            of: broker.topology.dead,
            every: Self.interval,
            configuration: broker.connection(named: "upload-worker dead letters"),
            logger: Logger(label: "depth") { _ in SwiftLogNoOpLogHandler() }
        )
    }
}
