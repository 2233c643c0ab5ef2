/// What tells a returned publication from the others on its way.
///
/// A `basic.return` comes before its confirm and names no tag. So no two mandatory publications with one identity are on
/// their way at a time: where the message id is missing, or used twice, nothing is taken for another.
struct ReturnIdentity: Hashable {
    private let exchange: AMQPString
    private let routingKey: AMQPString
    private let messageID: AMQPString?
    /// Only where there is no message id.
    private let body: [UInt8]?

    init(exchange: AMQPString, routingKey: AMQPString, messageID: AMQPString?, body: [UInt8]) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.messageID = messageID
        self.body = messageID == nil ? body : nil
    }

    /// Nil for a publication that the broker never returns.
    init?(_ publication: Publication) {
        guard publication.isMandatory else { return nil }
        self.init(
            exchange: publication.exchange,
            routingKey: publication.routingKey,
            messageID: publication.properties.messageID,
            body: publication.body
        )
    }
}
