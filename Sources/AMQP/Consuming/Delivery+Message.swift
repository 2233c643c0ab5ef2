extension Delivery {
    /// Nil for a message that was returned, not delivered.
    init?(_ message: MessageAssembler.Message, queue: String, connection: UInt64) {
        guard case .delivery(_, let tag, let isRedelivered, let exchange, let key) = message.head else {
            return nil
        }
        self.init(
            queue: queue,
            exchange: exchange,
            routingKey: key,
            isRedelivered: isRedelivered,
            properties: message.properties,
            body: message.body,
            bodySize: message.bodySize,
            tag: DeliveryTag(value: tag, connection: connection)
        )
    }
}
