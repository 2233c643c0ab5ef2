/// Exchanges, queues and bindings to declare, in this order; declaring them again changes nothing.
package struct Topology: Equatable, Sendable {
    package var exchanges: [ExchangeDeclaration]
    package var queues: [QueueDeclaration]
    package var bindings: [QueueBinding]

    package init(
        exchanges: [ExchangeDeclaration] = [],
        queues: [QueueDeclaration] = [],
        bindings: [QueueBinding] = []
    ) {
        self.exchanges = exchanges
        self.queues = queues
        self.bindings = bindings
    }
}

/// An exchange to declare.
package struct ExchangeDeclaration: Equatable, Sendable {
    package enum Kind: String, Sendable {
        case direct, fanout, topic, headers
    }

    package var name: String
    package var kind: Kind
    package var isDurable: Bool
    package var arguments: FieldTable

    package init(name: String, kind: Kind, isDurable: Bool = true, arguments: FieldTable = [:]) {
        self.name = name
        self.kind = kind
        self.isDurable = isDurable
        self.arguments = arguments
    }
}

/// A queue to declare.
package struct QueueDeclaration: Equatable, Sendable {
    package var name: String
    package var isDurable: Bool
    package var isExclusive: Bool
    package var isAutoDeleted: Bool
    package var arguments: FieldTable
    /// Whether a message may be delivered and returned without end. Brokers before 4 have no limit unless one is asked for;
    /// later ones have a limit of 20 unless none is asked for.
    package var hasNoDeliveryLimit: Bool

    package init(
        name: String,
        isDurable: Bool = true,
        isExclusive: Bool = false,
        isAutoDeleted: Bool = false,
        arguments: FieldTable = [:],
        hasNoDeliveryLimit: Bool = false
    ) {
        self.name = name
        self.isDurable = isDurable
        self.isExclusive = isExclusive
        self.isAutoDeleted = isAutoDeleted
        self.arguments = arguments
        self.hasNoDeliveryLimit = hasNoDeliveryLimit
    }

    /// As the broker wants them: https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling
    func arguments(onBrokerOfVersion major: Int?) -> FieldTable {
        guard self.hasNoDeliveryLimit, let major, major >= 4 else { return self.arguments }
        var arguments = self.arguments
        arguments["x-delivery-limit"] = .int32(-1)
        return arguments
    }
}

/// A queue's claim to what an exchange gets.
package struct QueueBinding: Equatable, Sendable {
    package var queue: String
    package var exchange: String
    package var routingKey: String
    package var arguments: FieldTable

    package init(queue: String, exchange: String, routingKey: String, arguments: FieldTable = [:]) {
        self.queue = queue
        self.exchange = exchange
        self.routingKey = routingKey
        self.arguments = arguments
    }
}
