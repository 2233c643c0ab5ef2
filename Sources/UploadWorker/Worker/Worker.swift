import AMQP
import Foundation
import Logging
import S3
import UnixSignals
import Uploads

/// The serving process: what it consists of, and how it starts and ends.
struct Worker {
    private let settings: Settings
    private let logger: Logger
    private let store: S3Client
    private let consumer: Consumer
    private let publisher: ConfirmingPublisher
    private let replies: ConfirmingPublisher
    private let handler: DeliveryHandler
    private let intake: Intake
    private let metrics: WorkerMetrics
    /// Nil where nothing is traced.
    private let exporter: SpanExporter?
    private let storeContact = StoreContact()
    private let selfTest: SelfTest
    private let sweep: ExpirySweep
    /// What ends the process: told by the handler, thrown by `run()`.
    private let failures: AsyncStream<any Error>

    /// Opens the session database; nothing else is touched before `run()`.
    init(_ settings: Settings) throws {
        let logger = settings.process.makeLogger(label: "upload-worker", usualLevel: .info)
        let names = settings.broker.topology
        let topology = settings.broker.declaresTopology ? Topology(settings) : nil
        let metrics = WorkerMetrics(schedule: settings.retry.schedule)
        self.metrics = metrics
        self.settings = settings
        self.logger = logger
        // Every request in flight may wait for the store at once, and none for another queue's connections.
        var storeConfiguration = settings.store.configuration
        storeConfiguration.maxConnections = Int(settings.broker.prefetch) * RequestKind.allCases.count
        FileDescriptors.raiseLimit()
        self.store = S3Client(
            configuration: storeConfiguration,
            credentials: settings.store.credentials,
            logger: logger
        )
        self.consumer = Consumer(
            configuration: settings.broker.connection(named: "upload-worker consumer"),
            queues: RequestKind.allCases.map(names.queue(for:)),
            prefetch: settings.broker.prefetch,
            bodyLimit: Self.bodyLimit(settings.rules),
            bodyRoom: BodyRoom(forBodiesOver: settings.rules.maxMessageBytes, bytes: Self.roomForOversized),
            topology: topology,
            startsPaused: true,
            logger: logger
        )
        self.publisher = ConfirmingPublisher(
            configuration: settings.broker.connection(named: "upload-worker publisher"),
            topology: topology,
            logger: logger,
            refused: { metrics.publications.add(["nacked"], Double($0)) }
        )
        // A crafted reply name makes the broker close the connection: those replies have one of their own.
        self.replies = ConfirmingPublisher(
            configuration: settings.broker.connection(named: "upload-worker direct replies"),
            topology: nil,
            logger: logger,
            refused: { metrics.publications.add(["nacked"], Double($0)) }
        )
        let exporter = settings.traces.map { SpanExporter($0, metrics: metrics, logger: logger) }
        let tracer = exporter.flatMap { exporter in
            settings.traces.map { Tracer(sampler: $0.sampler, queue: exporter.queue) }
        }
        self.exporter = exporter
        let store = Tracing.around(
            MeasuringStore(store: self.store, metrics: metrics, contact: self.storeContact),
            settings.store,
            tracer
        )
        let alarm = Alarm()
        let databaseOutage = DatabaseOutage(alarm: alarm)
        let requests = RequestHandler(
            rules: settings.rules,
            store: CrashPoints.around(store),
            sessions: CrashPoints.around(
                Tracing.around(
                    try settings.sessions.database.open(
                        committed: { metrics.commitSizes.observe(Double($0)) },
                        outage: databaseOutage
                    ),
                    settings.sessions.database,
                    tracer
                )
            ),
            urlExpiry: settings.sessions.urlExpiry,
            now: { Date() },
            makeSessionID: { SessionID(UUID()) },
            logger: logger
        )
        let publisher = Tracing.around(
            MeasuringPublisher(publisher: self.publisher, metrics: metrics),
            names,
            tracer
        )
        let replies = Tracing.around(MeasuringPublisher(publisher: self.replies, metrics: metrics), names, tracer)
        let publications = Publications(
            names: names,
            replyToPattern: settings.results.replyToPattern,
            replyExchange: settings.results.replyExchange
        )
        let locks = FileLocks()
        let storeOutage = StoreOutage(after: settings.retry.outageAfter, alarm: alarm)
        let failures = AsyncStream.makeStream(of: (any Error).self)
        self.failures = failures.stream
        self.handler = DeliveryHandler(
            settings: settings,
            requests: requests,
            publications: publications,
            locks: locks,
            consumer: CrashPoints.around(self.consumer),
            publisher: CrashPoints.around(publisher, names),
            replies: CrashPoints.around(replies, names),
            storeOutage: storeOutage,
            databaseOutage: databaseOutage,
            metrics: metrics,
            tracer: tracer,
            redeclare: Self.redeclaration(of: topology, settings.broker, logger),
            failure: failures.continuation,
            logger: logger
        )
        self.sweep = ExpirySweep(
            requests: requests,
            locks: locks,
            publisher: CrashPoints.around(publisher, names),
            publications: publications,
            settings: settings.sessions,
            storeOutage: storeOutage,
            databaseOutage: databaseOutage,
            metrics: self.metrics,
            logger: logger
        )
        self.selfTest = SelfTest(
            askStore: { () throws(S3Error) in try await store.headBucket() },
            contact: self.storeContact,
            sessions: requests.sessions,
            databaseOutage: databaseOutage,
            metrics: self.metrics,
            failure: failures.continuation,
            logger: logger
        )
        self.intake = Intake(
            consumer: self.consumer,
            queues: RequestKind.allCases.map(names.queue(for:)),
            store: requests.store,
            storeOutage: storeOutage,
            sessions: requests.sessions,
            databaseOutage: databaseOutage,
            alarm: alarm,
            logger: logger
        )
    }

    /// A complete request with the ETags of this many parts is about this long.
    private static func bytes(ofCompleteWithParts count: Int) -> Int { 2048 + count * 68 }

    /// Says which files with secrets should be closed to others.
    func warn(ofExposed files: [String]) {
        for file in files {
            self.logger.warning(
                "Everyone on this machine can read a file with secrets: take that right away (chmod o-r)",
                metadata: ["settings.file": "\(file)"]
            )
        }
    }

    /// Serves until SIGTERM or SIGINT, or until a part that cannot be done without fails.
    func run() async throws {
        let rules = self.settings.rules
        if Self.bytes(ofCompleteWithParts: rules.maxPartCount) > rules.maxMessageBytes {
            self.logger.warning(
                "A complete request with MAX_PART_COUNT parts may be larger than MAX_MESSAGE_BYTES",
                metadata: [
                    "upload.max_part_count": .stringConvertible(rules.maxPartCount),
                    "upload.max_message_bytes": .stringConvertible(rules.maxMessageBytes),
                ]
            )
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.store.run() }
            group.addTask { await self.settings.store.credentials.run(logger: self.logger) }
            group.addTask { try await self.publisher.run() }
            group.addTask { try await self.replies.run() }
            if let exporter = self.exporter { group.addTask { try await exporter.run() } }
            if self.settings.process.httpPort != 0 {
                let status = try StatusServer(
                    self.settings.process,
                    readiness: self.readiness,
                    metrics: WorkerMetricsPage(metrics: self.metrics, readiness: self.readiness)
                )
                group.addTask { try await status.run() }
            }
            group.addTask { try await self.sweep.run() }
            group.addTask { try await self.selfTest.run() }
            group.addTask { try await self.stopOnSignal() }
            group.addTask { try await self.throwFailure() }
            group.addTask { try await self.intake.run() }
            group.addTask {
                try await self.consumer.run { delivery in
                    await self.intake.handle(delivery) { delivery in await self.handler.handle(delivery) }
                }
                throw Stopped()
            }
            do {
                // Not `waitForAll()`, which waits for the others before it throws.
                while try await group.next() != nil {}
            } catch is Stopped {
                CrashPoint.stopped.pass()
                self.logger.info("Stopped")
            }
            self.endSoon(status: 0)
            await self.exporter?.flush(within: .seconds(2))
            group.cancelAll()
        }
    }

    private func throwFailure() async throws {
        for await failure in self.failures {
            self.endSoon(status: 1, because: failure)
            throw failure
        }
    }

    /// A connection being made may take its time-out to end; nothing is lost by not waiting for it.
    private func endSoon(status: CInt, because error: (any Error)? = nil) {
        DispatchQueue.global().asyncAfter(deadline: .now() + 3) {
            if let error { self.logger.critical("Ended without waiting for the rest", error: error) }
            _exit(status)
        }
    }

    private var readiness: Readiness {
        Readiness(
            consumer: self.consumer,
            publisher: self.publisher,
            replies: self.replies,
            intake: self.intake,
            storeContact: self.storeContact,
            credentials: self.settings.store.credentials
        )
    }

    /// The first signal stops consuming and gives what is in flight its time; the second ends the process at once.
    private func stopOnSignal() async throws {
        let stopping = AsyncStream.makeStream(of: Never.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in stopping.stream {}
                try await Task.sleep(for: self.settings.process.shutdownGrace)
                throw Stopped()
            }
            group.addTask {
                var isStopping = false
                for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
                    // At once: whatever is not acknowledged is delivered again.
                    if isStopping {
                        CrashPoint.stoppedAtOnce.pass()
                        _exit(1)
                    }
                    isStopping = true
                    self.logger.info("Stopping", metadata: ["process.signal": "\(signal)"])
                    self.consumer.stop()
                    stopping.continuation.finish()
                }
            }
            while try await group.next() != nil {}
        }
    }

    /// Someone deleted a queue while the worker runs: what publishes finds it missing, declares it, and goes on. Everything
    /// that publishes finds so at once; one of them declares.
    private static func redeclaration(
        of topology: Topology?,
        _ broker: BrokerSettings,
        _ logger: Logger
    ) -> @Sendable () async -> Void {
        guard let topology else { return {} }
        let declaration = SharedRun {
            do {
                let configuration = broker.connection(named: "upload-worker topology")
                try await AMQP.declare(topology, configuration: configuration, logger: logger)
                CrashPoint.redeclared.pass()
            } catch {
                CrashPoint.redeclarationFailed.pass()
                logger.error("Topology not declared again", error: error)
            }
        }
        return { await declaration.run() }
    }

    /// Bodies up to here are held, so that a request over `MAX_MESSAGE_BYTES` is dead-lettered with its headers and its
    /// body; a larger one is read away and handed to the broker's own dead-lettering.
    private static func bodyLimit(_ rules: UploadRules) -> Int { max(32 << 20, rules.maxMessageBytes) }

    /// Bodies of such requests that are held at a time. The next is treated like a larger one.
    private static let roomForOversized = 128 << 20
}

/// The consumer has ended as asked: everything else may.
private struct Stopped: Error {}
