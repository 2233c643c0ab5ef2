/// A message as a queue handed it over, to be settled once: acknowledged, rejected or released.
package struct Delivery: Sendable {
    /// The queue consumed, whatever the routing key says.
    package let queue: String
    package let exchange: AMQPString
    package let routingKey: AMQPString
    package let isRedelivered: Bool
    package let properties: MessageProperties
    /// Empty where `bodySize` is over the consumer's limit: such a body is read from the socket and not kept.
    package let body: [UInt8]
    /// The size that the sender gave the body, kept or not.
    package let bodySize: UInt64
    let tag: DeliveryTag

    /// How often the broker says it delivered the message before (`x-delivery-count`), a million at most; 0 where it says
    /// nothing. The header of a message that was not delivered before is its sender's word, and not believed.
    package var deliveryCount: Int {
        guard self.isRedelivered, let count = self.properties.headers?["x-delivery-count" as AMQPString]?.integer else {
            return 0
        }
        return Int(max(0, min(count, 1_000_000)))
    }
}

/// What a delivery is called on its channel, and which connection that was.
struct DeliveryTag: Hashable, Sendable {
    let value: UInt64
    /// Tags begin again with each connection; one of an earlier connection settles nothing.
    let connection: UInt64
}

extension Delivery {
    /// A delivery that no broker sent, for tests of what handles deliveries.
    package init(
        queue: String,
        exchange: AMQPString = "",
        routingKey: AMQPString = "",
        isRedelivered: Bool = false,
        properties: MessageProperties = MessageProperties(),
        body: [UInt8] = [],
        bodySize: UInt64? = nil
    ) {
        self.init(
            queue: queue,
            exchange: exchange,
            routingKey: routingKey,
            isRedelivered: isRedelivered,
            properties: properties,
            body: body,
            bodySize: bodySize ?? UInt64(body.count),
            tag: DeliveryTag(value: 0, connection: 0)
        )
    }
}
