import AMQP
import Uploads

/// What a retry or a dead letter takes over from the request: the body unchanged, the properties less what must not
/// travel.
///
/// Headers that steer or describe routing are dropped: up to 3.13 RabbitMQ believes an `x-death` that a client publishes,
/// and `CC` and `BCC` would send the copy elsewhere as well. A foreign `user_id` would be refused by the broker, and an
/// `expiration` would let the copy vanish.
struct RequestCopy {
    let properties: MessageProperties

    init(of delivery: Delivery) {
        var properties = delivery.properties
        properties.deliveryMode = 2
        properties.expiration = nil
        properties.userID = nil
        properties.headers?.removeAll { field in Self.isForeign(field.name) }
        self.properties = properties
    }

    /// The same with headers of the worker's own set, in place of what the request may have carried there.
    func properties(with headers: [String: HeaderValue]) -> MessageProperties {
        var properties = self.properties
        var table = properties.headers ?? FieldTable()
        for field in FieldTable(headers).fields { table[field.name] = field.value }
        properties.headers = table
        return properties
    }

    /// The first headers that are not whole in a copy, since they nest deeper than is read; empty where all are.
    var truncatedHeaders: [String] {
        guard let headers = self.properties.headers, headers.isTruncated else { return [] }
        return headers.truncatedNames.filter { headers[$0] != nil }.prefix(10).map(\.description)
    }

    private static let foreign = Set(["CC", "BCC", "x-death", "x-delay", "x-delivery-count"] + Attempts.headerNames)

    private static func isForeign(_ name: AMQPString) -> Bool {
        guard let name = name.text else { return false }
        return self.foreign.contains(name) || name.hasPrefix("x-first-death-") || name.hasPrefix("x-last-death-")
    }
}

extension FieldTable {
    init(_ headers: [String: HeaderValue]) {
        self.init(
            headers.map { name, value in
                switch value {
                case .text(let text): (AMQPString(name), .string(AMQPString(text)))
                case .integer(let number): (AMQPString(name), .int64(number))
                }
            }
        )
    }
}
