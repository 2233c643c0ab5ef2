import CRabbitMQ

/// Asks a broker what is there and what may be done, by requests that it cannot carry out.
///
/// RabbitMQ looks at permissions first and then at what a request says, so one that is wrong in a known way is refused
/// with 403 where the permission is missing, with 404 or 406 where it is not, and does nothing either way.
struct BrokerInspector {
    private struct Refusal {
        let code: UInt16
        let text: String

        static let accessRefused: UInt16 = 403
        static let notFound: UInt16 = 404
    }

    private static let channel = BrokerConnection.scratchChannel
    /// For an answer to a publication: a broker that is short of memory or disk gives none.
    private static let longestWrite = Duration.seconds(3)

    private let connection: BrokerConnection
    private let look: Look
    private let deadline: ContinuousClock.Instant
    private var isChannelOpen = false

    init(_ connection: BrokerConnection, look: Look, deadline: ContinuousClock.Instant) {
        self.connection = connection
        self.look = look
        self.deadline = deadline
    }

    mutating func run(_ questions: BrokerQuestions) throws(BrokerError) {
        let properties = self.connection.serverProperties
        let server = BrokerInspection.Server(
            product: properties?["product"]?.text ?? "unknown",
            version: properties?["version"]?.text ?? "unknown"
        )
        self.look.note { $0.server = server }
        // Of another broker nobody knows what it would make of the questions.
        guard server.product == "RabbitMQ" else { return }
        for exchange in questions.topology.exchanges { try self.inspect(exchange) }
        for queue in questions.topology.queues { try self.inspect(queue) }
        // A queue that is not there yet must be read and its dead-letter exchange written to by who declares it, and the
        // rights to bind are asked for each time: https://www.rabbitmq.com/docs/access-control#authorisation
        let new = questions.declares ? questions.topology.queues.filter { self.isMissingAndDeadLetters($0) } : []
        if questions.declares {
            for binding in questions.topology.bindings { try self.mayBind(binding) }
        }
        for queue in new.map(\.name) + questions.reads { try self.mayRead(queue) }
        // Last: after the first of these a broker under alarm reads nothing more.
        for queue in new { try self.mayWrite(to: queue.deadLetterExchange ?? "", routingKey: "") }
        for write in questions.writes { try self.mayWrite(to: write.exchange, routingKey: write.routingKey) }
    }

    private func isMissingAndDeadLetters(_ queue: QueueDeclaration) -> Bool {
        queue.deadLetterExchange != nil && self.look.isMissing("queue \(queue.name)")
    }

    private mutating func inspect(_ exchange: ExchangeDeclaration) throws(BrokerError) {
        let connection = self.connection
        try self.inspect("exchange \(exchange.name)") { () throws(BrokerError) in
            try connection.declarePassively(exchange: exchange.name, channel: Self.channel)
        } declare: { () throws(BrokerError) in
            try connection.declare(exchange, channel: Self.channel)
        } declareWrongly: { () throws(BrokerError) in
            var wrong = exchange
            wrong.arguments["alternate-exchange"] = .int32(1)
            try connection.declare(wrong, channel: Self.channel)
        }
    }

    private mutating func inspect(_ queue: QueueDeclaration) throws(BrokerError) {
        let connection = self.connection
        // Kept by an upgrade of the broker, it is as it was asked for then.
        let version = connection.serverMajorVersion
        let isKept = try connection.isKept(queue, onBrokerOfVersion: version)
        let arguments = isKept ? queue.arguments : queue.arguments(onBrokerOfVersion: version)
        try self.inspect("queue \(queue.name)") { () throws(BrokerError) in
            try connection.declarePassively(queue: queue.name, channel: Self.channel)
        } declare: { () throws(BrokerError) in
            try connection.declare(queue, arguments: arguments, channel: Self.channel)
        } declareWrongly: { () throws(BrokerError) in
            var wrong = queue
            // Rights of its own, which are asked for by themselves.
            wrong.arguments[QueueDeclaration.deadLetterArgument] = nil
            wrong.arguments["x-expires"] = .int32(0)
            try connection.declare(wrong, channel: Self.channel)
        }
    }

    /// What is there is declared again, which changes nothing; what is missing is declared in a way that cannot be.
    private mutating func inspect(
        _ resource: String,
        passively: () throws(BrokerError) -> Void,
        declare: () throws(BrokerError) -> Void,
        declareWrongly: () throws(BrokerError) -> Void
    ) throws(BrokerError) {
        var state = BrokerInspection.State.missing
        let refusal: Refusal?
        let passive = try self.refusal(of: passively)
        if passive?.code == Refusal.notFound {
            refusal = try self.refusal(of: declareWrongly)
        } else if let passive {
            self.note(resource, .differs(passive.text))
            return
        } else {
            refusal = try self.refusal(of: declare)
            state = refusal.map { $0.code == Refusal.accessRefused ? .notCompared : .differs($0.text) } ?? .asDeclared
        }
        self.note(resource, state)
        self.note(.configure, resource, refusal)
    }

    /// Takes away a binding that is not there, which needs what making it does: to write to the queue, looked at first, and
    /// to read from the exchange.
    private mutating func mayBind(_ binding: QueueBinding) throws(BrokerError) {
        let connection = self.connection
        let refusal = try self.refusal { () throws(BrokerError) in
            try connection.unbindNothing(like: binding, channel: Self.channel)
        }
        let (queue, exchange) = ("queue \(binding.queue)", "exchange \(binding.exchange)")
        let mayNotWrite = refusal.map { $0.code == Refusal.accessRefused && $0.text.contains("to queue '") } ?? false
        self.note(.write, queue, mayNotWrite ? refusal : nil)
        // Of the exchange nothing is known where the queue was refused.
        if !mayNotWrite { self.note(.read, exchange, refusal) }
    }

    private mutating func mayRead(_ queue: String) throws(BrokerError) {
        let connection = self.connection
        let refusal = try self.refusal { () throws(BrokerError) in
            try connection.consumeWrongly(queue, channel: Self.channel)
        }
        if refusal == nil { try self.closeChannel() }
        self.note(.read, "queue \(queue)", refusal)
    }

    private mutating func mayWrite(to exchange: String, routingKey: String) throws(BrokerError) {
        let connection = self.connection
        connection.setReplyTimeout(min(Self.longestWrite, max(.milliseconds(1), self.deadline - .now)))
        do throws(BrokerError) {
            let refusal = try self.refusal { () throws(BrokerError) in
                try connection.publishWrongly(to: exchange, routingKey: routingKey, channel: Self.channel)
            }
            self.note(.write, exchange.isEmpty ? "exchange amq.default" : "exchange \(exchange)", refusal)
        } catch {
            if error.reason == .timedOut, case .blocked(let reason)? = try connection.nextEvent() {
                self.look.note { $0.blockedReason = reason }
            }
            throw error
        }
    }

    /// The broker's reason to close the channel of a request; nil where it did what was asked.
    private mutating func refusal(of body: () throws(BrokerError) -> Void) throws(BrokerError) -> Refusal? {
        if !self.isChannelOpen {
            amqp_channel_open(self.connection.handle, Self.channel)
            try self.connection.checkReply()
            self.isChannelOpen = true
        }
        do throws(BrokerError) {
            try body()
            return nil
        } catch {
            guard case .channelClosed(let code, let text) = error.reason else { throw error }
            var answer = amqp_channel_close_ok_t()
            let handle = self.connection.handle
            try self.connection.check(amqp_send_method(handle, Self.channel, AMQP_CHANNEL_CLOSE_OK_METHOD, &answer))
            amqp_maybe_release_buffers_on_channel(handle, Self.channel)
            self.isChannelOpen = false
            return Refusal(code: code, text: text)
        }
    }

    private mutating func closeChannel() throws(BrokerError) {
        try self.connection.close(Self.channel)
        self.isChannelOpen = false
    }

    private func note(_ resource: String, _ state: BrokerInspection.State) {
        self.look.note { $0.entities.append(.init(resource, state)) }
    }

    private func note(_ right: BrokerInspection.Right, _ resource: String, _ refusal: Refusal?) {
        let permission = BrokerInspection.Permission(
            right,
            resource,
            isGranted: refusal?.code != Refusal.accessRefused
        )
        self.look.note { if !$0.permissions.contains(permission) { $0.permissions.append(permission) } }
    }
}

extension QueueDeclaration {
    fileprivate static let deadLetterArgument = "x-dead-letter-exchange"
    fileprivate var deadLetterExchange: String? { self.arguments[Self.deadLetterArgument]?.text }
}
