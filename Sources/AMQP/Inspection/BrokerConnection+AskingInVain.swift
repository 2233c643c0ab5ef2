import CRabbitMQ

/// Requests that a broker cannot carry out, for its refusal tells what it looked at before: see `BrokerInspector`.
extension BrokerConnection {
    func declarePassively(exchange: String, channel: amqp_channel_t) throws(BrokerError) {
        defer { self.arena.recycle() }
        amqp_exchange_declare(
            self.handle,
            channel,
            self.arena.copy(exchange),
            self.arena.copy("direct"),
            1,
            0,
            0,
            0,
            amqp_table_t()
        )
        try self.checkReply()
    }

    /// Takes away a binding with an argument that no binding has.
    func unbindNothing(like binding: QueueBinding, channel: amqp_channel_t) throws(BrokerError) {
        defer { self.arena.recycle() }
        let arguments: FieldTable = ["upload-worker-check": "no such binding"]
        amqp_queue_unbind(
            self.handle,
            channel,
            self.arena.copy(binding.queue),
            self.arena.copy(binding.exchange),
            self.arena.copy(binding.routingKey),
            arguments.encoded(in: self.arena)
        )
        try self.checkReply()
    }

    /// Consumes with a priority that is no number.
    func consumeWrongly(_ queue: String, channel: amqp_channel_t) throws(BrokerError) {
        defer { self.arena.recycle() }
        let arguments: FieldTable = ["x-priority": "none"]
        let name = self.arena.copy(queue)
        amqp_basic_consume(
            self.handle,
            channel,
            name,
            amqp_bytes_t(),
            0,
            0,
            0,
            arguments.encoded(in: self.arena)
        )
        try self.checkReply()
    }

    /// Publishes with an expiration that is no number, and has the broker answer something after it.
    func publishWrongly(
        to exchange: String,
        routingKey: String,
        channel: amqp_channel_t
    ) throws(BrokerError) {
        defer { self.arena.recycle() }
        var properties = MessageProperties()
        properties.expiration = "none"
        var encoded = properties.encoded(in: self.arena)
        try self.check(
            amqp_basic_publish(
                self.handle,
                channel,
                self.arena.copy(exchange),
                self.arena.copy(routingKey),
                0,
                0,
                &encoded,
                amqp_bytes_t()
            )
        )
        amqp_basic_qos(self.handle, channel, 0, 1, 0)
        try self.checkReply()
    }
}
