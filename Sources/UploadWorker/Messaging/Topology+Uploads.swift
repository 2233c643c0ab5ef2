import AMQP
import Uploads

extension Topology {
    /// Everything that the worker needs on the broker (contract, section 1), in an order in which every dead-letter
    /// target exists before the queue that names it: a message dead-lettered to a missing queue is kept for minutes.
    init(_ names: TopologyNames, retries: RetrySchedule) {
        self.init(exchanges: [], queues: [], bindings: [])
        self.add(fanout: names.dead, arguments: Self.quorum, hasNoDeliveryLimit: true)
        self.add(exchange: names.exchange, kind: .direct)
        for delay in Set(retries.milliseconds).sorted() {
            self.add(fanout: names.retryQueue(delayMilliseconds: delay), arguments: Self.retry(names, delay: delay))
        }
        for kind in RequestKind.allCases {
            let queue = names.queue(for: kind)
            self.queues.append(QueueDeclaration(name: queue, arguments: Self.request(names)))
            self.bindings.append(
                QueueBinding(queue: queue, exchange: names.exchange, routingKey: kind.rawValue)
            )
        }
        self.add(exchange: names.results, kind: .topic)
        self.queues.append(QueueDeclaration(name: names.results, arguments: Self.quorum))
        self.bindings.append(QueueBinding(queue: names.results, exchange: names.results, routingKey: "#"))
    }

    private mutating func add(exchange name: String, kind: ExchangeDeclaration.Kind) {
        self.exchanges.append(ExchangeDeclaration(name: name, kind: kind))
    }

    /// A fanout exchange and the queue of the same name behind it.
    private mutating func add(fanout name: String, arguments: FieldTable, hasNoDeliveryLimit: Bool = false) {
        self.add(exchange: name, kind: .fanout)
        self.queues.append(
            QueueDeclaration(name: name, arguments: arguments, hasNoDeliveryLimit: hasNoDeliveryLimit)
        )
        self.bindings.append(QueueBinding(queue: name, exchange: name, routingKey: ""))
    }

    private static let quorum: FieldTable = ["x-queue-type": "quorum"]

    /// Dead-lettering by the broker is at-least-once, which asks for `reject-publish`:
    /// https://www.rabbitmq.com/docs/quorum-queues#dead-lettering
    private static func deadLettering(to exchange: String) -> FieldTable {
        var arguments = Self.quorum
        arguments["x-dead-letter-exchange"] = .string(AMQPString(exchange))
        arguments["x-dead-letter-strategy"] = "at-least-once"
        arguments["x-overflow"] = "reject-publish"
        return arguments
    }

    private static func request(_ names: TopologyNames) -> FieldTable {
        var arguments = Self.deadLettering(to: names.dead)
        arguments["x-delivery-limit"] = .int32(Int32(DeliveryLimit.ofQueue))
        return arguments
    }

    /// No dead-letter routing key: the request keeps the one that it was published with, its queue's.
    private static func retry(_ names: TopologyNames, delay: Int) -> FieldTable {
        var arguments = Self.deadLettering(to: names.exchange)
        arguments["x-message-ttl"] = .int64(Int64(delay))
        return arguments
    }
}
