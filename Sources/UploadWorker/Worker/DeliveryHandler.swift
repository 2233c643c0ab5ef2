import AMQP
import Foundation
import Logging
import S3
import Uploads

/// Takes one delivery to its end: its publications are confirmed, then it is acknowledged.
///
/// Stopped between any two steps, it leaves the delivery unacknowledged, and the broker sends it again.
struct DeliveryHandler: Sendable {
    private let rules: UploadRules
    private let names: TopologyNames
    private let schedule: RetrySchedule
    private let requests: RequestHandler
    private let publications: Publications
    let settler: any DeliverySettler
    private let publisher: StepPublisher
    private let locks: FileLocks
    private let outages: Outages
    let metrics: WorkerMetrics
    /// Nil where nothing is traced.
    private let tracer: Tracer?
    let pause: @Sendable (Duration) async throws -> Void
    /// Declares what is missing on the broker, where this worker is to declare it.
    let redeclare: @Sendable () async -> Void
    private let failure: AsyncStream<any Error>.Continuation
    let logger: Logger

    init(
        settings: Settings,
        requests: RequestHandler,
        publications: Publications,
        locks: FileLocks,
        settler: any DeliverySettler,
        publisher: StepPublisher,
        outages: Outages,
        metrics: WorkerMetrics = WorkerMetrics(),
        tracer: Tracer? = nil,
        redeclare: @escaping @Sendable () async -> Void,
        failure: AsyncStream<any Error>.Continuation,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        logger: Logger
    ) {
        self.rules = settings.rules
        self.names = settings.broker.topology
        self.schedule = settings.retry.schedule
        self.requests = requests
        self.publications = publications
        self.locks = locks
        self.settler = settler
        self.publisher = publisher
        self.outages = outages
        self.metrics = metrics
        self.tracer = tracer
        self.pause = pause
        self.redeclare = redeclare
        self.failure = failure
        self.logger = logger
    }

    /// - Parameter arrived: when the delivery came; it may have waited for its turn since.
    func handle(_ delivery: Delivery, arrivedAt arrived: ContinuousClock.Instant = .now) async {
        CrashPoint.deliveryReceived.pass()
        await self.metrics.inFlight { await self.handleTraced(delivery, arrived) }
    }

    private func handleTraced(_ delivery: Delivery, _ arrived: ContinuousClock.Instant) async {
        guard let tracer = self.tracer else { return await self.handleMeasured(delivery, arrived) }
        await tracer.tracing(delivery) { await self.handleMeasured(delivery, arrived) }
    }

    private func handleMeasured(_ delivery: Delivery, _ arrived: ContinuousClock.Instant) async {
        do {
            try await self.serveOnceStored(delivery, arrived)
        } catch let error as SessionStoreError where !error.canPass {
            self.fail(error)
        } catch {
            await self.handBack(delivery, arrivedAt: arrived, because: error)
        }
    }

    /// Holds the delivery, unacknowledged, while the session database takes no writes, and then begins again.
    private func serveOnceStored(_ delivery: Delivery, _ arrived: ContinuousClock.Instant) async throws {
        let deadline = ContinuousClock.now + Self.longestHold
        var isRepeated = false
        while true {
            do {
                return try await self.serve(delivery, arrived, isRepeated: isRepeated)
            } catch let error as SessionStoreError where error.canPass && ContinuousClock.now < deadline {
                CrashPoint.requestHeld.pass()
                isRepeated = true
                self.outages.database.began(error)
                while self.outages.database.isDown, ContinuousClock.now < deadline {
                    try await self.pause(.milliseconds(250))
                }
            }
        }
    }

    /// A delivery kept for longer than the broker's consumer time-out, 30 minutes, costs the channel.
    private static let longestHold = Duration.seconds(480)

    private func serve(_ delivery: Delivery, _ arrived: ContinuousClock.Instant, isRepeated: Bool) async throws {
        let request = try self.request(delivery)
        let (outcome, subject) = try await self.outcome(of: request, isRepeated: isRepeated || request.isRepeated)
        self.outages.store.note(outcome)
        try await self.conclude(request, with: outcome, of: subject, arrivedAt: arrived)
    }

    /// Publishes what the outcome asks for, and then settles the delivery.
    func conclude(
        _ request: Request,
        with outcome: Outcome,
        of subject: RequestSubject,
        arrivedAt arrived: ContinuousClock.Instant
    ) async throws {
        let now = self.requests.now()
        let settlement = Settlement(
            outcome,
            of: subject,
            from: request.delivery.queue,
            attempts: request.attempts,
            schedule: self.schedule,
            now: now
        )
        let steps = self.publications.steps(for: settlement, of: request, file: subject.file, now: now)
        for step in steps {
            try await self.publisher.publish(step)
            if !step.truncatedHeaders.isEmpty { self.warn(of: step.truncatedHeaders, in: request) }
        }
        self.settle(request)
        let took = ContinuousClock.now - arrived
        self.metrics.settled(settlement, of: request.kind, after: took)
        if request.delivery.isRedelivered { self.metrics.redeliveries.add([request.kind.rawValue]) }
        Span.current?.describe(settlement, of: request, file: subject.file)
        let refusesReplyTo = steps.contains(where: \.refusesReplyTo)
        self.log(settlement, of: request, file: subject.file, took: took, refusesReplyTo: refusesReplyTo)
    }

    /// Without a database nothing can be promised. The delivery stays as it is and comes again to whoever serves next.
    private func fail(_ error: SessionStoreError) {
        CrashPoint.databaseFailed.pass()
        Span.current?.fail(String(describing: type(of: error)))
        self.logger.critical("Session database failed", error: error)
        self.failure.yield(SessionDatabaseFailed(cause: error))
    }

    func request(_ delivery: Delivery) throws -> Request {
        guard let kind = self.names.kind(ofQueue: delivery.queue) else {
            throw UnknownQueue(name: delivery.queue)
        }
        let span = Span.current
        var request = Request(delivery, kind: kind, spanID: span?.id ?? .random(in: 1 ... .max))
        // A trace may begin here, and be recorded or not by this worker's own rule.
        if let span { request.trace = span.trace }
        return request
    }

    private func outcome(of request: Request, isRepeated: Bool) async throws -> (Outcome, RequestSubject) {
        let parsed: UploadRequest
        do {
            parsed = try self.parsed(request)
        } catch {
            CrashPoint.requestRefused.pass()
            return (.answeredWithoutStore(.failed(FailedRequest(error))), error.subject)
        }
        let outcome = try await self.locks.withLock(on: parsed.file) {
            try Task.checkCancellation()
            return try await self.requests.outcome(of: parsed, isRepeated: isRepeated)
        }
        return (outcome, RequestSubject(parsed))
    }

    func parsed(_ request: Request) throws(RequestRefusal) -> UploadRequest {
        try UploadRequest(request.delivery, kind: request.kind, rules: self.rules)
    }

    private func settle(_ request: Request) {
        if request.isBodyKept {
            self.settler.acknowledge(request.delivery)
        } else {
            self.settler.reject(request.delivery)
        }
    }

    private func warn(of truncated: [String], in request: Request) {
        var metadata = request.delivery.logMetadata
        metadata["messaging.headers"] = "\(truncated.joined(separator: ", "))"
        self.logger.warning("Headers nested too deep are cut in the copy of the request", metadata: metadata)
    }

    private func log(
        _ settlement: Settlement,
        of request: Request,
        file: FileReference?,
        took: Duration,
        refusesReplyTo: Bool
    ) {
        guard self.logger.logLevel <= .info else { return }
        var metadata: Logger.Metadata = [
            "upload.request": "\(request.kind.rawValue)",
            "upload.outcome": "\(settlement.outcomeName)",
            "upload.attempt": .stringConvertible(request.attempts.count),
            "upload.duration_ms": .stringConvertible((took / .microseconds(10)).rounded() / 100),
        ]
        // Who waits there waits in vain: this line is where to find out why.
        if refusesReplyTo { metadata["upload.reply_to"] = "not allowed" }
        if let file { metadata.merge(file.logMetadata) { _, new in new } }
        metadata.merge(request.delivery.logMetadata) { _, new in new }
        if let trace = request.trace {
            metadata["trace_id"] = "\(trace.traceID)"
            metadata["span_id"] = "\(TraceContext.text(ofSpanID: request.spanID))"
        }
        self.logger.info("Request settled", metadata: metadata)
    }
}

struct SessionDatabaseFailed: Error, CustomStringConvertible {
    var cause: SessionStoreError

    var description: String { "the session database failed, nothing more is acknowledged: \(self.cause)" }
}

struct UnknownQueue: Error, CustomStringConvertible {
    var name: String

    var description: String { "no request comes from the queue \(self.name)" }
}

extension Delivery {
    /// What a line about the delivery is found by.
    var logMetadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["messaging.destination.name": "\(self.queue)"]
        if let id = self.properties.messageID { metadata["messaging.message.id"] = "\(id)" }
        if let id = self.properties.correlationID { metadata["messaging.message.conversation_id"] = "\(id)" }
        if let trace = TraceContext(of: self) { metadata["trace_id"] = "\(trace.traceID)" }
        return metadata
    }
}

extension Settlement {
    /// How the request ended, in a word of the contract: a result's type, an error's code, or `retry`.
    var outcomeName: String {
        switch self {
        case .answer(.failed(let failed)), .answerAndDeadLetter(.failed(let failed), _): failed.failure.code.rawValue
        case .answer(let result), .answerAndDeadLetter(let result, _): result.type
        case .retry: "retry"
        }
    }
}
