import CRabbitMQ

extension BrokerConnection {
    /// Sends a publication whose parts are known to fit (`oversizedPart`).
    func publish(_ publication: Publication) throws(BrokerError) {
        defer { self.arena.recycle() }
        var properties = publication.properties.encoded(in: self.arena)
        let exchange = self.arena.copy(publication.exchange)
        let routingKey = self.arena.copy(publication.routingKey)
        let status = publication.body.withUnsafeBytes { body in
            amqp_basic_publish(
                self.handle,
                Self.channel,
                exchange,
                routingKey,
                publication.isMandatory ? 1 : 0,
                0,
                &properties,
                // The library only reads it.
                amqp_bytes_t(len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress))
            )
        }
        try self.check(status)
    }

    func settle(_ action: AcknowledgementLedger.Action) throws(BrokerError) {
        switch action {
        case .acknowledge(let tag, let upTo):
            try self.check(amqp_basic_ack(self.handle, Self.channel, tag, upTo ? 1 : 0))
        case .reject(let tag, let requeue):
            try self.check(amqp_basic_reject(self.handle, Self.channel, tag, requeue ? 1 : 0))
        }
    }

    /// Has the broker confirm what is published from here on, numbered from 1.
    func requestConfirms() throws(BrokerError) {
        amqp_confirm_select(self.handle, Self.channel)
        try self.checkReply()
    }

    /// How many unacknowledged deliveries each consumer made from here on may have.
    func setPrefetch(_ count: UInt16) throws(BrokerError) {
        amqp_basic_qos(self.handle, Self.channel, 0, count, 0)
        try self.checkReply()
    }

    /// Consumes a queue; the consumer's tag is the queue's name.
    func consume(_ queue: String, needsAcknowledgement: Bool = true) throws(BrokerError) {
        defer { self.arena.recycle() }
        let name = self.arena.copy(queue)
        amqp_basic_consume(self.handle, Self.channel, name, name, 0, needsAcknowledgement ? 0 : 1, 0, amqp_table_t())
        try self.checkReply()
    }

    /// Opens a channel and consumes the queue there, to be settled with `acknowledge(_:on:)` or `close(_:)`.
    func read(_ queue: String, on channel: amqp_channel_t, prefetch: UInt16) throws(BrokerError) {
        amqp_channel_open(self.handle, channel)
        try self.checkReply()
        amqp_basic_qos(self.handle, channel, 0, prefetch, 0)
        try self.checkReply()
        try self.beginReading(queue, on: channel)
    }

    private func beginReading(_ queue: String, on channel: amqp_channel_t) throws(BrokerError) {
        defer { self.arena.recycle() }
        let name = self.arena.copy(queue)
        amqp_basic_consume(self.handle, channel, name, name, 0, 0, 0, amqp_table_t())
        try self.checkReply()
    }

    func acknowledge(_ tag: UInt64, on channel: amqp_channel_t) throws(BrokerError) {
        try self.check(amqp_basic_ack(self.handle, channel, tag, 0))
    }

    /// Ends the consumer that `read` made; what it was given stays with the channel.
    func endReading(_ queue: String, on channel: amqp_channel_t) throws(BrokerError) {
        defer { self.arena.recycle() }
        amqp_basic_cancel(self.handle, channel, self.arena.copy(queue))
        try self.checkReply()
    }

    /// Returns when a quorum queue has every acknowledgement that was sent on the channel, whose consumer has ended.
    ///
    /// There is no answer to `basic.ack`. RabbitMQ keeps those that a busy queue has not asked for yet with the channel, and
    /// forgets them when that is closed. A consumer's making and end go through the queue's log, behind what was sent
    /// before: the first pair has the kept ones sent, the second has them arrive.
    func awaitAcknowledgements(of queue: String, on channel: amqp_channel_t) throws(BrokerError) {
        // What comes while it consumes is to stay in the queue, as far as there is a way to say so.
        amqp_basic_qos(self.handle, channel, 0, 1, 0)
        try self.checkReply()
        for _ in 0..<2 {
            try self.beginReading(queue, on: channel)
            try self.endReading(queue, on: channel)
        }
    }

    /// Has the broker take back, in order, what is not acknowledged on the channel.
    func close(_ channel: amqp_channel_t) throws(BrokerError) {
        try self.check(amqp_channel_close(self.handle, channel, AMQP_REPLY_SUCCESS))
    }

    /// Asks for one message of a queue that nothing here consumes; the answer is an event.
    func fetch(_ queue: String) throws(BrokerError) {
        defer { self.arena.recycle() }
        var method = amqp_basic_get_t(ticket: 0, queue: self.arena.copy(queue), no_ack: 0)
        try self.check(amqp_send_method(self.handle, Self.channel, AMQP_BASIC_GET_METHOD, &method))
    }

    /// Ends a consumer; deliveries that the broker had sent before may still be read.
    func cancel(_ queue: String) throws(BrokerError) {
        defer { self.arena.recycle() }
        amqp_basic_cancel(self.handle, Self.channel, self.arena.copy(queue))
        try self.checkReply()
    }
}
