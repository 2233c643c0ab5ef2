/// What a consumer's thread does.
struct ConsumerRole: ChannelRole {
    enum Command: Sendable {
        case settle(DeliveryTag, AcknowledgementLedger.Settlement)
        case pause
        case resume
        case take(SingleTakes.Wish)
        /// Consume no more; what is in flight goes on.
        case stop
        /// Nothing is in flight any more.
        case finish
    }

    enum Mode {
        case consuming, paused, stopping
    }

    /// How long to wait before looking again for a queue that is not there.
    static let lookAgainAfter = Duration.seconds(1)

    let settings: ConsumerSettings

    var mode: Mode
    private var connectionNumber: UInt64 = 0
    private var ledger = AcknowledgementLedger()
    var consumed: Set<String> = []
    var missing: Set<String> = []
    var lookAgainAt: ContinuousClock.Instant?
    private var arrivals: Arrivals
    /// The sizes of the bodies that deliveries hold, by tag; and of those held no more.
    private var heldBodies: [UInt64: UInt64] = [:]
    private var releasedBodies: [UInt64] = []
    private var hold: AcknowledgementHold?
    var takes = SingleTakes()
    private var openedAt: ContinuousClock.Instant?
    private(set) var isFinished = false
    private(set) var wasUseful = false
    private var hasSettled = false

    init(settings: ConsumerSettings, deliveries: AsyncStream<[Arrival]>.Continuation) {
        self.settings = settings
        self.mode = settings.startsPaused ? .paused : .consuming
        self.arrivals = Arrivals(to: deliveries)
    }

    var bodyLimit: Int { self.settings.bodyLimit }
    var wantsConnection: Bool { self.mode != .stopping || self.openedAt != nil }
    var nextDeadline: ContinuousClock.Instant? { self.mode == .consuming ? self.lookAgainAt : self.hold?.end }
    var impairment: BrokerStatus? {
        self.missing.isEmpty ? nil : .waitingForQueues(self.settings.queues.filter(self.missing.contains))
    }

    mutating func opened(_ connection: BrokerConnection, now: ContinuousClock.Instant) throws(BrokerError) {
        self.connectionNumber = connection.number
        self.ledger = AcknowledgementLedger()
        connection.assembler.room = self.settings.bodyRoom
        self.hasSettled = false
        self.consumed = []
        self.missing = []
        self.lookAgainAt = nil
        if let topology = self.settings.topology { try connection.declare(topology) }
        try connection.setPrefetch(self.settings.prefetch)
        self.openedAt = now
        try self.adjustConsumers(on: connection, now: now)
    }

    mutating func received(
        _ event: BrokerEvent,
        on connection: BrokerConnection,
        now: ContinuousClock.Instant
    ) throws(BrokerError) {
        switch event {
        case .message(let message):
            guard self.note(message) else { throw connection.error(.protocolViolation("a delivery out of order")) }
            self.hold?.quietSince = now
        case .nothingFetched:
            self.takes.answered()?.answer.give(nil)
        case .consumerCancelled(let tag):
            guard let queue = tag.text, self.consumed.remove(queue) != nil else { return }
            self.lookAgainAt = now
        case .confirmed, .refused, .blocked, .unblocked: break
        }
    }

    mutating func drained() {
        self.arrivals.passOn()
        if self.isComplete { self.arrivals.end() }
    }

    /// Whether no delivery can come any more; the next `drained` ends them.
    var isComplete: Bool { self.mode == .stopping && self.consumed.isEmpty && self.takes.asked == nil }

    mutating func perform(_ command: Command) {
        switch command {
        case .settle(let tag, let settlement):
            guard tag.connection == self.connectionNumber else { return }
            self.ledger.settle(tag.value, as: settlement)
            if let size = self.heldBodies.removeValue(forKey: tag.value) { self.releasedBodies.append(size) }
        case .pause:
            guard self.mode == .consuming else { return }
            self.mode = .paused
            self.beginHold()
        case .resume:
            guard self.mode == .paused else { return }
            self.mode = .consuming
            self.hold = nil
        case .take(let wish):
            self.takes.add(wish)
            if self.mode == .stopping { self.takes.giveUpWaiting() }
        case .stop:
            if self.mode == .consuming { self.beginHold() }
            self.mode = .stopping
            self.takes.giveUpWaiting()
            if self.openedAt == nil { self.arrivals.end() }
        case .finish: self.isFinished = true
        }
    }

    mutating func advance(to now: ContinuousClock.Instant) {}

    mutating func flush(to connection: BrokerConnection, now: ContinuousClock.Instant) throws(BrokerError) -> Unsent {
        self.arrivals.passOn()
        for size in self.releasedBodies { connection.assembler.room?.giveBack(size) }
        self.releasedBodies.removeAll(keepingCapacity: true)
        if let hold, now < hold.end, !self.isFinished { return .nothing }
        self.hold = nil
        // Acknowledgements free room for deliveries: before a consumer is made, after one is cancelled.
        if self.mode == .consuming { try self.sendSettlements(on: connection) }
        let hasChanged = self.isFinished ? false : try self.adjustConsumers(on: connection, now: now)
        try self.sendSettlements(on: connection)
        try self.ask(connection)
        // Not while a question is open: its answer is waited for, as everything that the broker sends.
        return hasChanged || (self.isComplete && !self.arrivals.hasEnded) ? .more : .nothing
    }

    mutating func lost(_ error: BrokerError) {
        self.wasUseful = self.hasSettled || self.openedAt.map { .now - $0 > .seconds(5) } ?? false
        self.openedAt = nil
        self.connectionNumber = 0
        self.lookAgainAt = nil
        self.hold = nil
        self.arrivals.drop()
        self.heldBodies = [:]
        self.releasedBodies = []
        self.takes.connectionLost()
        guard self.mode == .stopping else { return }
        self.takes.giveUpWaiting()
        self.arrivals.end()
    }

    mutating func ended(_ error: BrokerError?, rest: [Command]) {
        self.takes.connectionLost()
        for case .take(let wish) in rest { self.takes.add(wish) }
        self.takes.giveUpWaiting()
        self.arrivals.end()
    }

    /// Asks for the next message that is wanted by itself. A queue that is not there has none.
    private mutating func ask(_ connection: BrokerConnection) throws(BrokerError) {
        while let queue = self.takes.queueToAsk() {
            if try connection.hasQueue(queue) { return try connection.fetch(queue) }
            self.takes.answered()?.answer.give(nil)
        }
    }

    private mutating func sendSettlements(on connection: BrokerConnection) throws(BrokerError) {
        for action in self.ledger.takeActions() {
            try connection.settle(action)
            self.hasSettled = true
        }
    }

    private mutating func beginHold() {
        guard !self.consumed.isEmpty else { return }
        let now = ContinuousClock.now
        self.hold = AcknowledgementHold(began: now, quietSince: now)
    }

    /// Takes a delivery up; false for what is none, or not the next one.
    private mutating func note(_ message: MessageAssembler.Message) -> Bool {
        guard case .delivery(let consumerTag, _, _, _, _) = message.head,
            let queue = consumerTag == "" ? self.takes.asked?.queue : consumerTag.description,
            let delivery = Delivery(message, queue: queue, connection: self.connectionNumber),
            self.ledger.delivered(delivery.tag.value)
        else { return false }
        if self.settings.bodyRoom != nil, !delivery.body.isEmpty {
            self.heldBodies[delivery.tag.value] = delivery.bodySize
        }
        guard consumerTag == "", let wish = self.takes.answered() else {
            self.arrivals.append(Arrival(delivery: delivery))
            return true
        }
        let taken = TakenDelivery(delivery: delivery, handled: Answer())
        self.arrivals.append(Arrival(delivery: delivery, handled: taken.handled))
        wish.answer.give(taken)
        return true
    }
}
