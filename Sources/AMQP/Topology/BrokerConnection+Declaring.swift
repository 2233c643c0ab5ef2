import CRabbitMQ

extension BrokerConnection {
    /// Declares everything, in order. The broker closes the channel where one differs from what is there.
    func declare(_ topology: Topology, channel: amqp_channel_t = BrokerConnection.channel) throws(BrokerError) {
        for exchange in topology.exchanges { try self.declare(exchange, channel: channel) }
        for queue in topology.queues where try !self.isKept(queue, onBrokerOfVersion: self.serverMajorVersion) {
            try self.declare(queue, channel: channel)
        }
        for binding in topology.bindings { try self.declare(binding, channel: channel) }
    }

    /// Whether the queue exists; asked on a channel of its own, so that a no costs nothing else.
    func hasQueue(_ name: String) throws(BrokerError) -> Bool {
        try self.onScratchChannel { () throws(BrokerError) in
            try self.declarePassively(queue: name, channel: Self.scratchChannel)
        }
    }

    func declarePassively(queue: String, channel: amqp_channel_t) throws(BrokerError) {
        defer { self.arena.recycle() }
        amqp_queue_declare(self.handle, channel, self.arena.copy(queue), 1, 0, 0, 0, amqp_table_t())
        try self.checkReply()
    }

    /// How many messages wait in the queue, and how many consumers it has; nil where there is no such queue.
    func state(of queue: String) throws(BrokerError) -> (messages: Int, consumers: Int)? {
        var state: (messages: Int, consumers: Int)?
        _ = try self.onScratchChannel { () throws(BrokerError) in
            defer { self.arena.recycle() }
            let name = self.arena.copy(queue)
            let found = amqp_queue_declare(self.handle, Self.scratchChannel, name, 1, 0, 0, 0, amqp_table_t())
            try self.checkReply()
            if let found { state = (Int(found.pointee.message_count), Int(found.pointee.consumer_count)) }
        }
        return state
    }

    /// Runs declarations on a channel of their own; false where the broker closed that channel for what they are.
    func onScratchChannel(_ body: () throws(BrokerError) -> Void) throws(BrokerError) -> Bool {
        try self.onChannel(Self.scratchChannel, body)
    }

    private func onChannel(
        _ channel: amqp_channel_t,
        _ body: () throws(BrokerError) -> Void
    ) throws(BrokerError) -> Bool {
        amqp_channel_open(self.handle, channel)
        try self.checkReply()
        defer { amqp_maybe_release_buffers_on_channel(self.handle, channel) }
        do {
            try body()
        } catch {
            guard case .channelClosed = error.reason else { throw error }
            var answer = amqp_channel_close_ok_t()
            try self.check(amqp_send_method(self.handle, channel, AMQP_CHANNEL_CLOSE_OK_METHOD, &answer))
            return false
        }
        try self.check(amqp_channel_close(self.handle, channel, AMQP_REPLY_SUCCESS))
        return true
    }

    func declare(_ exchange: ExchangeDeclaration, channel: amqp_channel_t) throws(BrokerError) {
        defer { self.arena.recycle() }
        amqp_exchange_declare(
            self.handle,
            channel,
            self.arena.copy(exchange.name),
            self.arena.copy(exchange.kind.rawValue),
            0,
            exchange.isDurable ? 1 : 0,
            0,
            0,
            exchange.arguments.encoded(in: self.arena)
        )
        try self.checkReply()
    }

    /// Whether a queue without a delivery limit is there as brokers before 4 were asked for it: an upgrade keeps it so, and
    /// the broker would refuse to see it declared as it is asked for now.
    func isKept(_ queue: QueueDeclaration, onBrokerOfVersion major: Int?) throws(BrokerError) -> Bool {
        guard queue.arguments(onBrokerOfVersion: major) != queue.arguments else { return false }
        // Not the scratch channel, where whoever declares may be.
        let channel = Self.comparisonChannel
        let isThere = try self.onChannel(channel) { () throws(BrokerError) in
            try self.declarePassively(queue: queue.name, channel: channel)
        }
        guard isThere else { return false }
        return try self.onChannel(channel) { () throws(BrokerError) in
            try self.declare(queue, arguments: queue.arguments, channel: channel)
        }
    }

    func declare(_ queue: QueueDeclaration, channel: amqp_channel_t) throws(BrokerError) {
        let arguments = queue.arguments(onBrokerOfVersion: self.serverMajorVersion)
        try self.declare(queue, arguments: arguments, channel: channel)
    }

    func declare(
        _ queue: QueueDeclaration,
        arguments: FieldTable,
        channel: amqp_channel_t
    ) throws(BrokerError) {
        defer { self.arena.recycle() }
        amqp_queue_declare(
            self.handle,
            channel,
            self.arena.copy(queue.name),
            0,
            queue.isDurable ? 1 : 0,
            queue.isExclusive ? 1 : 0,
            queue.isAutoDeleted ? 1 : 0,
            arguments.encoded(in: self.arena)
        )
        try self.checkReply()
    }

    private func declare(_ binding: QueueBinding, channel: amqp_channel_t) throws(BrokerError) {
        defer { self.arena.recycle() }
        amqp_queue_bind(
            self.handle,
            channel,
            self.arena.copy(binding.queue),
            self.arena.copy(binding.exchange),
            self.arena.copy(binding.routingKey),
            binding.arguments.encoded(in: self.arena)
        )
        try self.checkReply()
    }

    /// The first number of the version that the broker gave when it greeted; nil where it gave none.
    var serverMajorVersion: Int? {
        self.serverProperties?["version"]?.text?.split(separator: ".").first.flatMap { Int($0) }
    }

    /// What the broker said of itself when it greeted.
    var serverProperties: FieldTable? {
        amqp_get_server_properties(self.handle).map { FieldTable(copying: $0.pointee) }
    }
}
