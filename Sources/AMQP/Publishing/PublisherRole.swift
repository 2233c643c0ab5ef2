/// What a publisher's thread does.
struct PublisherRole: ChannelRole {
    enum Command: Sendable {
        case publish(Publication, answer: Answer<PendingPublications.Result>, id: PendingPublications.ID)
        case abandon(PendingPublications.ID)
        case stop
    }

    /// Publications sent before the socket is read again.
    private static let sendLimit = 128
    /// How long a stop waits for confirms.
    private static let stopLimit = Duration.seconds(5)

    let topology: Topology?
    let refused: @Sendable (Int) -> Void
    let bodyLimit = 0

    private var pending: PendingPublications
    private var answers: [PendingPublications.ID: Answer<PendingPublications.Result>] = [:]
    private var blockedReason: String?
    private(set) var stopDeadline: ContinuousClock.Instant?
    private(set) var isFinished = false
    private(set) var wasUseful = false

    init(topology: Topology?, pending: PendingPublications, refused: @escaping @Sendable (Int) -> Void) {
        self.topology = topology
        self.pending = pending
        self.refused = refused
    }

    let wantsConnection = true
    var impairment: BrokerStatus? { self.blockedReason.map { .blocked(reason: $0) } }
    var nextDeadline: ContinuousClock.Instant? {
        [self.pending.nextDue, self.stopDeadline].compactMap(\.self).min()
    }

    mutating func opened(_ connection: BrokerConnection, now: ContinuousClock.Instant) throws(BrokerError) {
        self.wasUseful = false
        self.blockedReason = nil
        if let topology { try connection.declare(topology) }
        try connection.requestConfirms()
    }

    mutating func received(
        _ event: BrokerEvent,
        on connection: BrokerConnection,
        now: ContinuousClock.Instant
    ) throws(BrokerError) {
        switch event {
        case .confirmed(let number, let upTo):
            self.wasUseful = true
            self.answer(self.pending.confirmed(number, upTo: upTo))
        case .refused(let number, let upTo):
            let (count, settled) = self.pending.refused(number, upTo: upTo, now: now)
            self.refused(count)
            self.answer(settled)
        case .message(let message):
            guard self.noteReturn(message) else {
                throw connection.error(.protocolViolation("a message that was not published here"))
            }
        case .blocked(let reason):
            self.blockedReason = reason
            self.pending.blocked()
        case .unblocked:
            self.blockedReason = nil
            self.pending.unblocked(at: now)
        case .consumerCancelled, .nothingFetched: break
        }
    }

    mutating func drained() {}

    mutating func perform(_ command: Command) {
        switch command {
        case .publish(let publication, let answer, let id):
            guard self.stopDeadline == nil else {
                answer.give(.failure(.stopped))
                return
            }
            self.answers[id] = answer
            self.pending.add(publication, id: id)
        case .abandon(let id):
            if self.answers.removeValue(forKey: id) != nil { self.pending.abandon(id) }
        case .stop:
            self.stopDeadline = self.stopDeadline ?? .now + Self.stopLimit
        }
    }

    mutating func advance(to now: ContinuousClock.Instant) {
        self.answer(self.pending.advance(to: now))
        if let stopDeadline, self.answers.isEmpty || now >= stopDeadline { self.isFinished = true }
    }

    mutating func flush(to connection: BrokerConnection, now: ContinuousClock.Instant) throws(BrokerError) -> Unsent {
        for _ in 0..<Self.sendLimit {
            guard self.pending.maySend else { return .nothing }
            guard connection.isWritable else { return .untilWritable }
            guard let publication = self.pending.sendNext(at: now) else { return .nothing }
            if let part = publication.oversizedPart(frameLimit: connection.frameLimit) {
                self.answer(self.pending.takeBackLast(because: .tooLarge(part)))
            } else {
                try connection.publish(publication)
            }
        }
        return .more
    }

    mutating func lost(_ error: BrokerError) {
        self.blockedReason = nil
        let loss = PendingPublications.Loss(error)
        // Nothing is wrong with a broker that objects to what it was sent.
        if case .objection = loss, !self.pending.inFlight.isEmpty { self.wasUseful = true }
        self.answer(self.pending.lost(loss))
    }

    mutating func ended(_ error: BrokerError?, rest: [Command]) {
        self.stopDeadline = self.stopDeadline ?? .now
        for command in rest { self.perform(command) }
        self.answer(self.pending.stop())
    }

    private mutating func noteReturn(_ message: MessageAssembler.Message) -> Bool {
        guard case .returned(let code, let text, let exchange, let key) = message.head else { return false }
        let identity = ReturnIdentity(
            exchange: exchange,
            routingKey: key,
            messageID: message.properties.messageID,
            body: message.body
        )
        return self.pending.returned(identity, code: code, text: text)
    }

    private mutating func answer(_ settled: [PendingPublications.Settled]) {
        for settled in settled {
            self.answers.removeValue(forKey: settled.id)?.give(settled.result)
        }
    }
}

extension PendingPublications.Loss {
    init(_ error: BrokerError) {
        switch error.reason {
        case .channelClosed(let code, let text), .connectionClosed(let code, let text):
            // 320: an operator or the broker's own shutdown.
            self = code == 320 ? .network : .objection(code: code, text: text)
        case .hostNotFound, .unreachable, .timedOut, .certificateRefused, .hostNameMismatch, .handshakeFailed,
            .unusableFile, .loginRefused, .virtualHostRefused, .heartbeatMissed, .connectionLost,
            .protocolViolation, .outOfResources:
            self = .network
        }
    }
}
