/// What a connection is for: consuming, publishing, asking. A loop runs it on the connection's thread, and nowhere else.
protocol ChannelRole: SendableMetatype {
    associatedtype Command: Sendable

    /// Bodies of deliveries over this are not kept.
    var bodyLimit: Int { get }
    /// Whether a connection is to be made, or kept.
    var wantsConnection: Bool { get }
    /// Whether the thread may end, in good order.
    var isFinished: Bool { get }
    /// Whether the connection just lost had done its work: then the next is made without a pause.
    var wasUseful: Bool { get }
    /// Trouble that the connection has although it is up.
    var impairment: BrokerStatus? { get }
    /// When `advance` has something to do, if nothing else happens.
    var nextDeadline: ContinuousClock.Instant? { get }

    /// When the thread is to end whatever happens, if it is to end.
    var stopDeadline: ContinuousClock.Instant? { get }

    mutating func opened(_ connection: BrokerConnection, now: ContinuousClock.Instant) throws(BrokerError)
    mutating func received(_ event: BrokerEvent, on connection: BrokerConnection, now: ContinuousClock.Instant)
        throws(BrokerError)
    /// All that the broker had sent was read.
    mutating func drained()
    /// Takes a command; there may be no connection.
    mutating func perform(_ command: Command)
    mutating func advance(to now: ContinuousClock.Instant)
    /// Sends what is due. Returns what it could not send.
    mutating func flush(to connection: BrokerConnection, now: ContinuousClock.Instant) throws(BrokerError) -> Unsent
    mutating func lost(_ error: BrokerError)
    /// The thread ends; `rest` came too late.
    mutating func ended(_ error: BrokerError?, rest: [Command])
}

/// Why a role has more to send.
enum Unsent {
    case nothing
    /// It stopped for others to have their turn.
    case more
    /// The socket has no room.
    case untilWritable
}

extension ChannelRole {
    var stopDeadline: ContinuousClock.Instant? { nil }
}
