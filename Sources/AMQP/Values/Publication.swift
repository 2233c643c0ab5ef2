/// A message to publish.
package struct Publication: Equatable, Sendable {
    /// Empty for the default exchange, whose routing keys are the names of queues.
    package var exchange: AMQPString
    package var routingKey: AMQPString
    package var properties: MessageProperties
    package var body: [UInt8]
    /// Whether the broker is to return the message where no queue takes it.
    package var isMandatory: Bool
    /// Whether its sender has another address for it: one that does not confirm it is then given up
    /// (`PublishError.unconfirmed`). Without, it is sent until it is confirmed.
    package var canGoElsewhere = false

    package init(
        exchange: AMQPString,
        routingKey: AMQPString,
        properties: MessageProperties = MessageProperties(),
        body: [UInt8],
        isMandatory: Bool = true
    ) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.properties = properties
        self.body = body
        self.isMandatory = isMandatory
    }
}

/// How the broker took a publication.
package enum PublishOutcome: Equatable, Sendable {
    /// Every queue that the message was routed to has it, on disk where it is persistent.
    case confirmed
    /// The publication was mandatory and no queue took it.
    case returned(code: UInt16, text: String)
}

/// Why a publication was not, or cannot be, published.
package enum PublishError: Error, Equatable, Sendable {
    /// The task was cancelled; the broker may have the message all the same.
    case cancelled
    /// The publisher has stopped; the broker may have the message all the same.
    case stopped
    /// A property or name is longer than the protocol has room for; nothing was sent.
    case tooLarge(String)
    /// The broker closed the connection because of this very publication, as often as its publisher bears.
    case refused(code: UInt16, text: String)
    /// Its queue refused it again and again, or confirmed nothing for long while there was a connection that takes messages;
    /// the queue may have it all the same. Only of what can go elsewhere.
    case unconfirmed
}
