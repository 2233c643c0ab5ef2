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
    let consumer: any DeliverySettler
    private let publisher: any MessagePublisher
    private let replies: any MessagePublisher
    private let locks: FileLocks
    private let storeOutage: StoreOutage
    private let databaseOutage: DatabaseOutage
    let metrics: WorkerMetrics
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
        consumer: any DeliverySettler,
        publisher: any MessagePublisher,
        replies: any MessagePublisher,
        storeOutage: StoreOutage,
        databaseOutage: DatabaseOutage,
        metrics: WorkerMetrics = WorkerMetrics(),
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
        self.consumer = consumer
        self.publisher = publisher
        self.replies = replies
        self.storeOutage = storeOutage
        self.databaseOutage = databaseOutage
        self.metrics = metrics
        self.pause = pause
        self.redeclare = redeclare
        self.failure = failure
        self.logger = logger
    }

    func handle(_ delivery: Delivery) async {
        CrashPoint.deliveryReceived.pass()
        await self.metrics.inFlight { await self.handleMeasured(delivery) }
    }

    private func handleMeasured(_ delivery: Delivery) async {
        do {
            try await self.settleOnceStored(delivery)
        } catch let error as SessionStoreError where !error.canPass {
            self.fail(error)
        } catch {
            await self.handBack(delivery, because: error)
        }
    }

    /// Holds the delivery, unacknowledged, while the session database takes no writes, and then begins again.
    private func settleOnceStored(_ delivery: Delivery) async throws {
        let deadline = ContinuousClock.now + Self.longestHold
        var isRepeated = false
        while true {
            do {
                return try await self.settle(delivery, isRepeated: isRepeated)
            } catch let error as SessionStoreError where error.canPass && ContinuousClock.now < deadline {
                CrashPoint.requestHeld.pass()
                isRepeated = true
                self.databaseOutage.began(error)
                while self.databaseOutage.isDown, ContinuousClock.now < deadline {
                    try await self.pause(.milliseconds(250))
                }
            }
        }
    }

    /// A delivery kept for longer than the broker's consumer time-out, 30 minutes, costs the channel.
    private static let longestHold = Duration.seconds(480)

    private func settle(_ delivery: Delivery, isRepeated: Bool) async throws {
        let started = ContinuousClock.now
        let request = try self.request(delivery)
        let (outcome, subject) = try await self.outcome(of: request, isRepeated: isRepeated || request.isRepeated)
        self.storeOutage.note(outcome)
        try await self.settle(request, as: outcome, of: subject, since: started)
    }

    /// Publishes what the outcome asks for, and then settles the delivery.
    func settle(
        _ request: Request,
        as outcome: Outcome,
        of subject: RequestSubject,
        since started: ContinuousClock.Instant
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
        for step in self.publications.steps(for: settlement, of: request, file: subject.file, now: now) {
            try await self.publish(step)
        }
        self.settle(request)
        let took = ContinuousClock.now - started
        self.metrics.settled(settlement, of: request.kind, after: took)
        if request.delivery.isRedelivered { self.metrics.redeliveries.add([request.kind.rawValue]) }
        self.log(settlement, of: request, file: subject.file, took: took)
    }

    /// Without a database nothing can be promised. The delivery stays as it is and comes again to whoever serves next.
    private func fail(_ error: SessionStoreError) {
        CrashPoint.databaseFailed.pass()
        self.logger.critical("Session database failed", error: error)
        self.failure.yield(SessionDatabaseFailed(cause: error))
    }

    func request(_ delivery: Delivery) throws -> Request {
        guard let kind = self.names.kind(ofQueue: delivery.queue) else {
            throw UnknownQueue(name: delivery.queue)
        }
        return Request(delivery, kind: kind, spanID: .random(in: 1 ... .max))
    }

    private func outcome(of request: Request, isRepeated: Bool) async throws -> (Outcome, RequestSubject) {
        let parsed: UploadRequest
        do {
            parsed = try self.parsed(request)
        } catch {
            CrashPoint.requestRefused.pass()
            return (.answeredAlone(.failed(FailedRequest(error))), error.subject)
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
            self.consumer.acknowledge(request.delivery)
        } else {
            self.consumer.reject(request.delivery)
        }
    }

    /// An address that does not take the message gives way to the next.
    private func publish(_ step: Publications.Step) async throws {
        let publisher = step.isDirectReply ? self.replies : self.publisher
        guard let otherwise = step.otherwise else { return try await publisher.deliver(step.publication) }
        do throws(PublishError) {
            if case .confirmed = try await publisher.publish(step.publication) { return }
            CrashPoint.addressReturned.pass()
        } catch {
            switch error {
            case .refused, .tooLarge:
                CrashPoint.addressRefused.pass()
            case .cancelled, .stopped:
                CrashPoint.publicationCancelled.pass()
                throw error
            }
        }
        try await self.publisher.deliver(otherwise)
    }

    private func log(_ settlement: Settlement, of request: Request, file: FileReference?, took: Duration) {
        guard self.logger.logLevel <= .info else { return }
        var metadata: Logger.Metadata = [
            "upload.request": "\(request.kind.rawValue)",
            "upload.outcome": "\(settlement.outcomeName)",
            "upload.attempt": .stringConvertible(request.attempts.count),
            "duration_ms": .stringConvertible((took / .microseconds(10)).rounded() / 100),
        ]
        if let file { metadata.merge(file.logMetadata) { _, new in new } }
        if let id = request.delivery.properties.messageID { metadata["messaging.message_id"] = "\(id)" }
        if let id = request.delivery.properties.correlationID { metadata["messaging.correlation_id"] = "\(id)" }
        if let trace = request.trace { metadata["trace_id"] = "\(trace.traceID)" }
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
