import AMQP
import S3

/// Whether the worker can serve, and what keeps it from it.
struct Readiness: Sendable {
    let consumer: Consumer
    let publisher: ConfirmingPublisher
    let replies: ConfirmingPublisher
    let intake: Intake
    let credentials: RefreshingCredentials

    /// Empty when ready.
    var reasons: [String] {
        var reasons: [String] = []
        if let reason = Self.reason(self.consumer.status) { reasons.append("not consuming: \(reason)") }
        if let reason = Self.reason(self.publisher.status) { reasons.append("cannot publish: \(reason)") }
        if let reason = Self.reason(self.replies.status) { reasons.append("cannot publish direct replies: \(reason)") }
        if let outage = self.intake.outage { reasons.append(outage) }
        if let problem = self.credentials.problem { reasons.append("cannot sign: \(problem)") }
        return reasons
    }

    /// How often each connection to the broker was made again.
    var reconnections: [(connection: String, count: Int)] {
        [
            ("consumer", self.consumer.reconnections), ("publisher", self.publisher.reconnections),
            ("direct_replies", self.replies.reconnections),
        ]
    }

    private static func reason(_ status: BrokerStatus) -> String? {
        switch status {
        case .connected: nil
        case .connecting: "connecting to the broker"
        case .blocked(let reason): "the broker takes no messages: \(reason)"
        case .waitingForQueues(let queues): "missing queues: \(queues.joined(separator: ", "))"
        case .disconnected(let reason): reason
        case .stopped: "stopped"
        }
    }
}
