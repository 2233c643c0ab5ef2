import CRabbitMQ

/// What a queue reader's thread does.
///
/// A quorum queue takes back what a channel held in the order in which it was delivered, and puts it behind what was taken
/// back before: so there is one consumer at a time, each with a channel of its own, and the channels are closed in order.
/// It delivers what it took back first, so that who reads a part of that moves the part behind the rest: reading always
/// goes on to the end, also when nobody wants to know any more.
///
/// A consumer has a limit of its own because RabbitMQ allows 65,535 unacknowledged messages at most (and takes "no limit"
/// as 2,000). Where one channel's are all left, the next may hold twice as many, since channels are few: 2,047 by default.
struct QueueReaderRole<Element: Sendable>: ChannelRole {
    enum Command: Sendable {
        case acknowledge(DeliveryTag)
        case leave(DeliveryTag)
        case finish
    }

    struct Settings: Sendable {
        let queue: String
        /// Of the first channel.
        let window: UInt16
        let bodyLimit: Int
        let prepare: @Sendable (Int, Delivery) -> Element
    }

    /// How long the broker may send nothing although it should.
    static var idleLimit: Duration { .seconds(10) }
    /// How long the broker may take to put back what its closed channels held.
    static var returnLimit: Duration { .seconds(5) }
    static var firstChannel: amqp_channel_t { BrokerConnection.scratchChannel + 1 }
    static var largestWindow: UInt16 { 60_000 }

    let settings: Settings
    let opening: Answer<Result<Int, QueueReaderError>>
    let elements: AsyncThrowingStream<[Element], any Error>.Continuation

    var channel = Self.firstChannel
    var window: UInt16
    var isConsuming = false
    var leftOnChannel = 0
    var heldOnChannel = 0
    var expected = 0
    var position = 0
    var batch: [Element] = []
    var acknowledgements = FIFO<DeliveryTag>()
    var unsettled = 0
    var acknowledged = 0
    var acknowledgedOn: Set<amqp_channel_t> = []
    var closedAt: ContinuousClock.Instant?
    var idleSince = ContinuousClock.now
    var wasOpened = false
    var isFinishing = false
    /// There is nothing more to wait for.
    var isAtEnd = false
    var isFinished = false

    init(
        settings: Settings,
        opening: Answer<Result<Int, QueueReaderError>>,
        elements: AsyncThrowingStream<[Element], any Error>.Continuation
    ) {
        self.settings = settings
        self.window = settings.window
        self.opening = opening
        self.elements = elements
    }

    var bodyLimit: Int { self.settings.bodyLimit }
    let wantsConnection = true
    let wasUseful = false
    let impairment: BrokerStatus? = nil
    var nextDeadline: ContinuousClock.Instant? {
        self.isConsuming && (self.unsettled == 0 || self.isFinishing) ? self.idleSince + Self.idleLimit : nil
    }

    mutating func perform(_ command: Command) {
        switch command {
        case .acknowledge(let tag):
            self.settled()
            self.acknowledgements.append(tag)
        case .leave(let tag):
            self.settled()
            if tag.connection == UInt64(self.channel) { self.leftOnChannel += 1 }
        case .finish: self.isFinishing = true
        }
    }

    /// The broker owes the next message from when there is room for it.
    private mutating func settled() {
        self.unsettled -= 1
        if self.unsettled == 0 { self.idleSince = .now }
    }

    /// Messages that were there at the start and do not come were taken by somebody else.
    mutating func advance(to now: ContinuousClock.Instant) {
        if let deadline = self.nextDeadline, deadline <= now {
            self.isAtEnd = true
            self.elements.finish()
        }
        if self.isFinishing, !self.wasOpened { self.isFinished = true }
    }

    mutating func flush(to connection: BrokerConnection, now: ContinuousClock.Instant) throws(BrokerError) -> Unsent {
        self.drained()
        while let tag = self.acknowledgements.popFirst() {
            guard connection.isWritable else {
                self.acknowledgements.prepend(contentsOf: [tag])
                return .untilWritable
            }
            try connection.acknowledge(tag.value, on: amqp_channel_t(tag.connection))
            self.acknowledged += 1
            self.acknowledgedOn.insert(amqp_channel_t(tag.connection))
            if tag.connection == UInt64(self.channel) { self.heldOnChannel -= 1 }
        }
        return try self.turnPage(on: connection, now: now)
    }

    mutating func lost(_ error: BrokerError) {
        self.opening.give(.failure(.broker(error)))
        self.elements.finish(throwing: error)
    }

    mutating func ended(_ error: BrokerError?, rest: [Command]) {
        if let error { self.lost(error) }
        self.elements.finish()
    }
}
