import AMQP
import Logging

/// The worker's connections to the broker. RabbitMQ stops reading from who publishes while memory or disk run short;
/// acknowledgements must not stop with it.
struct BrokerConnections: Sendable {
    let consumer: Consumer
    let publisher: ConfirmingPublisher
    /// A crafted reply name makes the broker close the connection: direct replies have one of their own.
    let replies: ConfirmingPublisher

    /// - Parameter topology: declared with each connection; nil where that is left to others.
    init(_ settings: Settings, topology: Topology?, metrics: WorkerMetrics, logger: Logger) {
        let broker = settings.broker
        self.consumer = Consumer(
            configuration: broker.connection(named: "upload-worker consumer"),
            queues: broker.topology.requestQueues,
            prefetch: broker.prefetch,
            bodyLimit: max(Self.bodyLimit, settings.rules.maxMessageBytes),
            bodyRoom: BodyRoom(forBodiesOver: settings.rules.maxMessageBytes, bytes: Self.roomForOversized),
            topology: topology,
            startsPaused: true,
            logger: logger
        )
        let refused: @Sendable (Int) -> Void = { metrics.publications.add(["nacked"], Double($0)) }
        self.publisher = ConfirmingPublisher(
            configuration: broker.connection(named: "upload-worker publisher"),
            topology: topology,
            logger: logger,
            refused: refused
        )
        self.replies = ConfirmingPublisher(
            configuration: broker.connection(named: "upload-worker direct replies"),
            topology: nil,
            // Each one holds up the replies to others, and the result goes to the exchange of results.
            objectionLimit: 1,
            logger: logger,
            refused: refused
        )
    }

    /// What keeps results from being published, in words; nil where nothing does.
    ///
    /// Direct replies count only where the broker blocks them: a requester can have their connection closed, and is not to
    /// stop everybody.
    var publishingProblem: String? {
        if case .blocked = self.replies.status { return self.replies.status.problem }
        return self.publisher.status.problem
    }

    /// Bodies up to here are held, so that a request over `MAX_MESSAGE_BYTES` is dead-lettered with its headers and its
    /// body; a larger one is read away and handed to the broker's own dead-lettering.
    private static let bodyLimit = 32 << 20

    /// Bodies of such requests that are held at a time. The next is treated like a larger one.
    private static let roomForOversized = 128 << 20
}
