import AMQP
import S3

/// Whether the worker can serve, and what keeps it from it.
struct Readiness: Sendable {
    /// All of them are met by a worker that is ready.
    enum Condition: String, CaseIterable, Sendable {
        case consuming, broker, store, database
    }

    let consumer: Consumer
    let publisher: ConfirmingPublisher
    let replies: ConfirmingPublisher
    let intake: Intake
    let storeContact: StoreContact
    let credentials: RefreshingCredentials

    /// Empty when ready.
    var reasons: [String] { Condition.allCases.compactMap(self.reason) }

    /// Why the condition is not met; nil where it is.
    func reason(_ condition: Condition) -> String? {
        switch condition {
        case .consuming: self.consumingReason
        case .broker: self.brokerReason
        case .store: self.storeReason
        case .database: self.intake.databaseOutage.reason
        }
    }

    private var storeReason: String? {
        if let problem = self.credentials.problem { return "cannot sign: \(problem)" }
        return self.intake.storeOutage.reason ?? self.storeContact.reason
    }

    private var consumingReason: String? {
        if let reason = Self.reason(self.consumer.status) { return "not consuming: \(reason)" }
        return self.intake.outage == nil ? nil : "not consuming: requests stay in their queues until the outage ends"
    }

    private var brokerReason: String? {
        let reasons = [
            Self.reason(self.publisher.status).map { "cannot publish: \($0)" },
            Self.reason(self.replies.status).map { "cannot publish direct replies: \($0)" },
        ]
        let given = reasons.compactMap(\.self)
        return given.isEmpty ? nil : given.joined(separator: "; ")
    }

    /// How each connection to the broker stands, and how often it was made again.
    var connections: [(name: String, status: BrokerStatus, reconnections: Int)] {
        [
            ("consumer", self.consumer.status, self.consumer.reconnections),
            ("publisher", self.publisher.status, self.publisher.reconnections),
            ("direct_replies", self.replies.status, self.replies.reconnections),
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
