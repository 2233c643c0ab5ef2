/// How a connection to the broker stands, for readiness and for people.
package enum BrokerStatus: Equatable, Sendable {
    case connecting
    case connected
    /// Connected, but the broker takes no messages: it is short of memory or disk.
    case blocked(reason: String)
    /// Connected, and these queues do not exist.
    case waitingForQueues([String])
    case disconnected(reason: String)
    case stopped
}
