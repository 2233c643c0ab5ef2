/// What a direct reply client's thread does.
struct DirectReplyRole: ChannelRole {
    typealias Reply = Result<Delivery, DirectReplyError>

    enum Command: Sendable {
        case ask(Publication, correlationID: AMQPString, deadline: ContinuousClock.Instant, answer: Answer<Reply>)
        case abandon(AMQPString)
        case finish
    }

    static let queue = "amq.rabbitmq.reply-to"

    let bodyLimit: Int
    let opening: Answer<Result<Void, BrokerError>>
    private var waiting = FIFO<(publication: Publication, correlationID: AMQPString)>()
    private var asked: [AMQPString: (deadline: ContinuousClock.Instant, answer: Answer<Reply>)] = [:]
    private var failure: BrokerError?
    private(set) var isFinished = false

    init(bodyLimit: Int, opening: Answer<Result<Void, BrokerError>>) {
        self.bodyLimit = bodyLimit
        self.opening = opening
    }

    let wantsConnection = true
    let wasUseful = false
    let impairment: BrokerStatus? = nil
    var nextDeadline: ContinuousClock.Instant? { self.asked.values.map(\.deadline).min() }

    mutating func opened(_ connection: BrokerConnection, now: ContinuousClock.Instant) throws(BrokerError) {
        try connection.consume(Self.queue, needsAcknowledgement: false)
        self.opening.give(.success(()))
    }

    mutating func received(
        _ event: BrokerEvent,
        on connection: BrokerConnection,
        now: ContinuousClock.Instant
    ) throws(BrokerError) {
        guard case .message(let message) = event, let id = message.properties.correlationID else { return }
        guard let asked = self.asked.removeValue(forKey: id) else { return }
        if case .returned(let code, let text, _, _) = message.head {
            asked.answer.give(.failure(.returned(code: code, text: text)))
        } else if let delivery = Delivery(message, queue: Self.queue, connection: connection.number) {
            asked.answer.give(.success(delivery))
        }
    }

    mutating func drained() {}

    mutating func perform(_ command: Command) {
        switch command {
        case .ask(let publication, let id, let deadline, let answer):
            self.asked.updateValue((deadline, answer), forKey: id)?.answer.give(.failure(.cancelled))
            self.waiting.append((publication, id))
        case .abandon(let id): self.asked[id] = nil
        case .finish: self.isFinished = true
        }
    }

    mutating func advance(to now: ContinuousClock.Instant) {
        for (id, asked) in self.asked where asked.deadline <= now {
            self.asked[id] = nil
            asked.answer.give(.failure(.timedOut))
        }
    }

    mutating func flush(to connection: BrokerConnection, now: ContinuousClock.Instant) throws(BrokerError) -> Unsent {
        while !self.waiting.isEmpty {
            guard connection.isWritable else { return .untilWritable }
            guard let (publication, id) = self.waiting.popFirst(), self.asked[id] != nil else { continue }
            if let part = publication.oversizedPart(frameLimit: connection.frameLimit) {
                self.asked.removeValue(forKey: id)?.answer.give(.failure(.tooLarge(part)))
            } else {
                try connection.publish(publication)
            }
        }
        return .nothing
    }

    mutating func lost(_ error: BrokerError) {
        self.failure = error
    }

    mutating func ended(_ error: BrokerError?, rest: [Command]) {
        let failure = error ?? self.failure
        if let failure { self.opening.give(.failure(failure)) }
        for command in rest { self.perform(command) }
        for asked in self.asked.values {
            asked.answer.give(.failure(failure.map(DirectReplyError.closed) ?? .cancelled))
        }
        self.asked = [:]
    }
}
