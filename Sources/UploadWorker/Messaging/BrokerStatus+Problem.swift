import AMQP

extension BrokerStatus {
    /// Why the connection does not serve, in words; nil where it does.
    var problem: String? {
        switch self {
        case .connected: nil
        case .connecting: "connecting to the broker"
        case .blocked(let reason): "the broker takes no messages: \(reason)"
        case .waitingForQueues(let queues): "missing queues: \(queues.joined(separator: ", "))"
        case .disconnected(let reason): reason
        case .stopped: "stopped"
        }
    }
}
