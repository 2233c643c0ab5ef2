import AMQP
import S3

/// Whether the worker can serve, and what keeps it from it.
struct Readiness: Sendable {
    /// All of them are met by a worker that is ready.
    enum Condition: String, CaseIterable, Sendable {
        case consuming, broker, store, database
    }

    let connections: BrokerConnections
    let outages: Outages
    let suspects: SuspectRound
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
        case .database: self.outages.database.reason
        }
    }

    private var storeReason: String? {
        if let problem = self.credentials.problem { return "cannot sign: \(problem)" }
        return self.outages.store.reason ?? self.storeContact.reason
    }

    private var consumingReason: String? {
        if let reason = self.connections.consumer.status.problem { return "not consuming: \(reason)" }
        if self.outages.reason != nil { return "not consuming: requests stay in their queues until the outage ends" }
        return self.suspects.isOver
            ? nil : "not consuming: requests that were delivered before are handled first, one at a time"
    }

    private var brokerReason: String? {
        let reasons = [
            self.connections.publisher.status.problem.map { "cannot publish: \($0)" },
            self.connections.replies.status.problem.map { "cannot publish direct replies: \($0)" },
        ]
        let given = reasons.compactMap(\.self)
        return given.isEmpty ? nil : given.joined(separator: "; ")
    }

    /// How each connection to the broker stands, and how often it was made again.
    var connectionStates: [(name: String, status: BrokerStatus, reconnections: Int)] {
        [
            ("consumer", self.connections.consumer.status, self.connections.consumer.reconnections),
            ("publisher", self.connections.publisher.status, self.connections.publisher.reconnections),
            ("direct_replies", self.connections.replies.status, self.connections.replies.reconnections),
        ]
    }
}
