import CRabbitMQ

/// What a queue reader's thread does.
///
/// A quorum queue takes back what a channel held in the order in which it was delivered, and puts it behind what was taken
/// back before: so there is one consumer at a time, each with a channel of its own, and the channels are closed in order.
/// It delivers what it took back first, so that who reads a part of that moves the part behind the rest: reading always
/// goes on to the end, also when nobody wants to know any more.
///
/// A consumer has a limit of its own because RabbitMQ allows 65,535 unacknowledged messages at most (and takes "no limit"
/// as 2,000).
struct QueueReaderRole<Element: Sendable>: ChannelRole {
    enum Command: Sendable {
        case acknowledge(DeliveryTag)
        case leave(DeliveryTag)
        case finish
    }

    struct Settings: Sendable {
        let queue: String
        let window: UInt16
        let bodyLimit: Int
        let prepare: @Sendable (Int, Delivery) -> Element
    }

    /// How long the broker may send nothing although it should.
    private static var idleLimit: Duration { .seconds(10) }
    /// How long the broker may take to put back what its closed channels held.
    private static var returnLimit: Duration { .seconds(5) }
    private static var firstChannel: amqp_channel_t { BrokerConnection.scratchChannel + 1 }

    private let settings: Settings
    private let opening: Answer<Result<Int, QueueReaderError>>
    private let elements: AsyncThrowingStream<[Element], any Error>.Continuation

    private var channel = Self.firstChannel
    private var isConsuming = false
    private var leftOnChannel = 0
    private var heldOnChannel = 0
    private var expected = 0
    private var position = 0
    private var batch: [Element] = []
    private var acknowledgements = FIFO<DeliveryTag>()
    private var unsettled = 0
    private var acknowledged = 0
    private var acknowledgedOn: Set<amqp_channel_t> = []
    private var closedAt: ContinuousClock.Instant?
    private var idleSince = ContinuousClock.now
    private var wasOpened = false
    private var isFinishing = false
    /// There is nothing more to wait for.
    private var isAtEnd = false
    private(set) var isFinished = false

    init(
        settings: Settings,
        opening: Answer<Result<Int, QueueReaderError>>,
        elements: AsyncThrowingStream<[Element], any Error>.Continuation
    ) {
        self.settings = settings
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

    mutating func opened(_ connection: BrokerConnection, now: ContinuousClock.Instant) throws(BrokerError) {
        self.wasOpened = true
        guard let state = try connection.state(of: self.settings.queue) else { return self.refuse(.noSuchQueue) }
        guard state.consumers == 0 else { return self.refuse(.beingRead) }
        self.expected = state.messages
        if state.messages > 0 {
            try self.read(on: connection, now: now)
            // Two that begin at once both see it, and both give up. A busy quorum queue may say 0.
            let consumers = try connection.state(of: self.settings.queue)?.consumers ?? 0
            guard consumers <= 1 else { return self.refuse(.beingRead) }
        }
        self.opening.give(.success(self.expected))
        if self.expected == 0 { self.elements.finish() }
    }

    mutating func received(
        _ event: BrokerEvent,
        on connection: BrokerConnection,
        now: ContinuousClock.Instant
    ) throws(BrokerError) {
        self.idleSince = now
        switch event {
        case .message(let message):
            let channel = UInt64(connection.eventChannel)
            guard self.position < self.expected,
                let delivery = Delivery(message, queue: self.settings.queue, connection: channel)
            else { return }
            self.position += 1
            self.heldOnChannel += 1
            guard !self.isFinishing else { return }
            self.unsettled += 1
            self.batch.append(self.settings.prepare(self.position, delivery))
        case .consumerCancelled: throw connection.error(.connectionLost("the queue was deleted while it was read"))
        case .confirmed, .refused, .nothingFetched, .blocked, .unblocked: break
        }
    }

    mutating func drained() {
        if !self.batch.isEmpty { self.elements.yield(self.batch) }
        self.batch = []
        if self.position == self.expected { self.elements.finish() }
    }

    mutating func perform(_ command: Command) {
        switch command {
        case .acknowledge(let tag):
            self.unsettled -= 1
            self.acknowledgements.append(tag)
        case .leave(let tag):
            self.unsettled -= 1
            if tag.connection == UInt64(self.channel) { self.leftOnChannel += 1 }
        case .finish: self.isFinishing = true
        }
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

    /// Goes on to the next channel where this one holds all it may, and to the end where there is nothing more to read.
    private mutating func turnPage(
        on connection: BrokerConnection,
        now: ContinuousClock.Instant
    ) throws(BrokerError) -> Unsent {
        self.isAtEnd = self.isAtEnd || self.position == self.expected
        let stuck = self.isFinishing ? self.heldOnChannel : self.leftOnChannel
        if self.isConsuming, self.isAtEnd || stuck >= Int(self.settings.window) {
            try connection.endReading(self.settings.queue, on: self.channel)
            self.isConsuming = false
            if !self.isAtEnd {
                self.channel += 1
                try self.read(on: connection, now: now)
                return .more
            }
        }
        guard self.isFinishing, self.isAtEnd, !self.isFinished else { return .nothing }
        return try self.giveBack(to: connection, now: now)
    }

    mutating func lost(_ error: BrokerError) {
        self.opening.give(.failure(.broker(error)))
        self.elements.finish(throwing: error)
    }

    mutating func ended(_ error: BrokerError?, rest: [Command]) {
        if let error { self.lost(error) }
        self.elements.finish()
    }

    private mutating func read(on connection: BrokerConnection, now: ContinuousClock.Instant) throws(BrokerError) {
        try connection.read(self.settings.queue, on: self.channel, prefetch: self.settings.window)
        self.isConsuming = true
        self.leftOnChannel = 0
        self.heldOnChannel = 0
        self.idleSince = now
    }

    private mutating func refuse(_ error: QueueReaderError) {
        self.opening.give(.failure(error))
        self.elements.finish()
        self.isFinishing = true
        self.isAtEnd = true
    }

    /// Closes the channels, and is finished when the queue holds again what they held.
    ///
    /// The broker says that a channel is closed before its queue has it back, and who reads then would move what comes late.
    private mutating func giveBack(
        to connection: BrokerConnection,
        now: ContinuousClock.Instant
    ) throws(BrokerError) -> Unsent {
        if self.closedAt == nil {
            self.closedAt = now
            for channel in self.acknowledgedOn.sorted() {
                try connection.awaitAcknowledgements(of: self.settings.queue, on: channel)
            }
            if self.expected > 0 {
                for channel in Self.firstChannel...self.channel { try connection.close(channel) }
            }
        }
        self.isFinished = try self.hasTakenBack(connection, now: now)
        return self.isFinished ? .nothing : .more
    }

    private func hasTakenBack(
        _ connection: BrokerConnection,
        now: ContinuousClock.Instant
    ) throws(BrokerError) -> Bool {
        let left = self.position - self.acknowledged
        guard left > 0, let closedAt, now < closedAt + Self.returnLimit else { return true }
        guard let state = try connection.state(of: self.settings.queue) else { return true }
        return state.messages >= left
    }
}
