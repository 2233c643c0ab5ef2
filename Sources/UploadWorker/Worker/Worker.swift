import AMQP
import Foundation
import Logging
import S3
import Uploads

/// The serving process: what it consists of, and the tasks that it runs.
struct Worker {
    let settings: Settings
    let logger: Logger
    let connections: BrokerConnections
    private let store: S3Client
    private let instruments: Instruments
    private let handler: DeliveryHandler
    private let intake: Intake
    private let selfTest: SelfTest
    private let sweep: ExpirySweep
    private let deadLetters: QueueDepth
    /// What ends the process: told by the handler, thrown by `run()`.
    let failures: AsyncStream<any Error>

    /// Opens the session database; nothing else is touched before `run()`.
    init(_ settings: Settings) throws {
        FileDescriptors.raiseLimit()
        let logger = settings.process.makeLogger(label: "upload-worker", usualLevel: .info)
        let topology = settings.broker.declaresTopology ? Topology(settings) : nil
        let instruments = Instruments(settings, logger)
        let connections = BrokerConnections(
            settings,
            topology: topology,
            metrics: instruments.metrics,
            logger: logger
        )
        let store = S3Client(settings, metrics: instruments.metrics, logger: logger)
        let outages = Outages(storeAfter: settings.retry.outageAfter)
        let requests = RequestHandler(
            settings,
            store: instruments.around(store),
            sessions: instruments.around(
                try settings.sessions.database.open(
                    committed: { instruments.metrics.commitSizes.observe(Double($0)) },
                    outage: outages.database
                )
            ),
            logger: logger
        )
        let publisher = instruments.around(connections.publisher)
        let publications = Publications(settings)
        let locks = FileLocks()
        let redeclare = Redeclaration.of(topology, settings.broker, logger)
        let failures = AsyncStream.makeStream(of: (any Error).self)
        self.settings = settings
        self.logger = logger
        self.connections = connections
        self.store = store
        self.instruments = instruments
        self.failures = failures.stream
        self.handler = DeliveryHandler(
            settings: settings,
            requests: requests,
            publications: publications,
            locks: locks,
            settler: CrashPoints.around(connections.consumer),
            publisher: StepPublisher(publisher: publisher, replies: instruments.around(connections.replies)),
            outages: outages,
            metrics: instruments.metrics,
            tracer: instruments.tracer,
            redeclare: redeclare,
            failure: failures.continuation,
            logger: logger
        )
        self.sweep = ExpirySweep(
            requests: requests,
            locks: locks,
            publisher: publisher,
            publications: publications,
            settings: settings.sessions,
            outages: outages,
            metrics: instruments.metrics,
            redeclare: redeclare,
            logger: logger,
            tracer: instruments.tracer
        )
        self.selfTest = SelfTest(
            store: StoreWatch(
                store: requests.store,
                settings: settings,
                contact: instruments.storeContact,
                logger: logger,
                unmeasured: store
            ),
            sessions: requests.sessions,
            databaseOutage: outages.database,
            metrics: instruments.metrics,
            failure: failures.continuation,
            logger: logger
        )
        self.deadLetters = QueueDepth(settings.broker)
        self.intake = Intake(
            consumer: connections.consumer,
            queues: settings.broker.topology.requestQueues,
            store: requests.store,
            sessions: requests.sessions,
            outages: outages,
            publishingProblem: { connections.publishingProblem },
            logger: logger
        )
    }

    /// Serves until SIGTERM or SIGINT, or until a part that cannot be done without fails.
    func run() async throws {
        let status = try self.statusServer()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.store.run() }
            group.addTask { await self.settings.store.credentials.run(logger: self.logger) }
            group.addTask { try await self.connections.publisher.run() }
            group.addTask { try await self.connections.replies.run() }
            if let exporter = self.instruments.exporter { group.addTask { try await exporter.run() } }
            if let status {
                group.addTask { try await status.run() }
                group.addTask { await self.deadLetters.run() }
            }
            group.addTask { try await self.sweep.run() }
            group.addTask { try await self.selfTest.run() }
            group.addTask { try await self.stopOnSignal() }
            group.addTask { try await self.throwFailure() }
            group.addTask { try await self.intake.run() }
            group.addTask {
                try await self.connections.consumer.run { delivery in
                    let arrived = ContinuousClock.now
                    await self.intake.handle(delivery) { delivery in
                        await self.handler.handle(delivery, arrivedAt: arrived)
                    }
                }
                throw Stopped()
            }
            if let failure = await Self.firstFailure(in: &group), !(failure is Stopped) {
                self.endSoon(because: failure)
                throw failure
            }
            CrashPoint.stopped.pass()
            self.logger.info("Stopped")
            self.endSoon()
            await self.instruments.exporter?.flush(within: .seconds(2))
            group.cancelAll()
        }
    }

    /// Not `waitForAll()`, which waits for the others before it throws.
    private static func firstFailure(in group: inout ThrowingTaskGroup<Void, any Error>) async -> (any Error)? {
        while let result = await group.nextResult() {
            if case .failure(let error) = result { return error }
        }
        return nil
    }

    /// nil where the status pages are turned off.
    private func statusServer() throws -> StatusServer? {
        guard self.settings.process.httpPort != 0 else { return nil }
        let readiness = Readiness(
            connections: self.connections,
            outages: self.intake.outages,
            suspects: self.intake.suspects,
            storeContact: self.instruments.storeContact,
            credentials: self.settings.store.credentials
        )
        return try StatusServer(
            self.settings.process,
            readiness: readiness,
            metrics: WorkerMetricsPage(
                metrics: self.instruments.metrics,
                readiness: readiness,
                deadLetters: self.deadLetters
            )
        )
    }
}
