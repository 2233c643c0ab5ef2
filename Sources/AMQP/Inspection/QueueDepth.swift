import Logging
import Synchronization

/// How many messages wait in a queue, asked for now and then over a connection of its own, so that nobody else waits for
/// the answer.
package final class QueueDepth: Sendable {
    private let life: ConnectionLife<QueueDepthRole.Command>
    private let queue: String
    private let interval: Duration
    private let answer = DepthAnswer()

    /// - Parameter configuration: who may log in may ask: it takes no permission on the queue.
    package init(of queue: String, every interval: Duration, configuration: BrokerConfiguration, logger: Logger) {
        self.queue = queue
        self.interval = interval
        self.life = ConnectionLife(configuration: configuration, logger: logger)
    }

    /// Those that are ready, as of the last time; nil while the broker does not tell, and where there is no such queue.
    package var messages: Int? { self.answer.messages(noOlderThan: self.interval * 3, at: .now) }

    /// Asks until cancelled. A broker that takes no connection is for others to tell.
    package func run() async {
        let (queue, interval, answer) = (self.queue, self.interval, self.answer)
        _ = await withTaskCancellationHandler {
            await self.life.run(persistence: .forever, named: "amqp-depth") {
                QueueDepthRole(queue: queue, interval: interval, answer: answer)
            }
        } onCancel: {
            self.life.stop(.stop)
        }
    }
}

/// What the connection's thread was told last, read by anyone.
final class DepthAnswer: Sendable {
    private let last = Mutex<(messages: Int, at: ContinuousClock.Instant)?>(nil)

    func note(_ messages: Int?, at now: ContinuousClock.Instant) {
        self.last.withLock { $0 = messages.map { ($0, now) } }
    }

    func messages(noOlderThan age: Duration, at now: ContinuousClock.Instant) -> Int? {
        self.last.withLock { last in last.flatMap { now - $0.at <= age ? $0.messages : nil } }
    }
}

/// Asks for the depth of a queue, again and again.
struct QueueDepthRole: ChannelRole {
    enum Command: Sendable { case stop }

    let queue: String
    let interval: Duration
    let answer: DepthAnswer
    private var next = ContinuousClock.now
    private(set) var isFinished = false
    private(set) var wasUseful = false

    let bodyLimit = 0
    let wantsConnection = true
    let impairment: BrokerStatus? = nil
    var nextDeadline: ContinuousClock.Instant? { self.next }

    init(queue: String, interval: Duration, answer: DepthAnswer) {
        self.queue = queue
        self.interval = interval
        self.answer = answer
    }

    mutating func opened(_ connection: BrokerConnection, now: ContinuousClock.Instant) {
        self.next = now
        self.wasUseful = false
    }

    mutating func flush(to connection: BrokerConnection, now: ContinuousClock.Instant) throws(BrokerError) -> Unsent {
        guard now >= self.next else { return .nothing }
        self.next = now + self.interval
        self.answer.note(try connection.state(of: self.queue)?.messages, at: now)
        self.wasUseful = true
        return .nothing
    }

    mutating func perform(_ command: Command) {
        switch command {
        case .stop: self.isFinished = true
        }
    }

    mutating func lost(_ error: BrokerError) {
        self.answer.note(nil, at: .now)
        // Not at once, while there is nobody to ask.
        self.next = .now + self.interval
    }

    mutating func received(_ event: BrokerEvent, on connection: BrokerConnection, now: ContinuousClock.Instant) {}
    mutating func drained() {}
    mutating func advance(to now: ContinuousClock.Instant) {}
    mutating func ended(_ error: BrokerError?, rest: [Command]) {
        self.answer.note(nil, at: .now)
    }
}
