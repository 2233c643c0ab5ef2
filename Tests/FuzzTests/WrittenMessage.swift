import AMQP
import Uploads

/// A message in a form that people can read and a mutation can change: the request's kind, a line each for property or
/// header (`name=value`), an empty line, the body.
struct WrittenMessage {
    let kind: RequestKind
    let delivery: Delivery

    init(_ input: [UInt8]) {
        let lines = input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let head = lines.prefix { !$0.isEmpty }
        let body = Array(lines.dropFirst(head.count + 1).joined(separator: [UInt8(ascii: "\n")]))
        self.kind = head.first.flatMap { RequestKind(rawValue: String(decoding: $0, as: UTF8.self)) } ?? .start
        var properties = MessageProperties()
        var headers = FieldTable()
        for line in head.dropFirst() {
            let halves = line.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let value = AMQPString(bytes: halves.count > 1 ? halves[1] : [])
            Self.set(AMQPString(bytes: halves[0]), value, &properties, &headers)
        }
        properties.headers = headers.isEmpty ? nil : headers
        self.delivery = Delivery(queue: "uploads.\(self.kind)", properties: properties, body: body)
    }

    private static func set(
        _ name: AMQPString,
        _ value: AMQPString,
        _ properties: inout MessageProperties,
        _ headers: inout FieldTable
    ) {
        switch name.text {
        case "message_id": properties.messageID = value
        case "correlation_id": properties.correlationID = value
        case "reply_to": properties.replyTo = value
        case "timestamp": properties.timestamp = value.text.flatMap { UInt64($0) }
        default: headers.append(name, value.text.flatMap { Int64($0) }.map { .int64($0) } ?? .string(value))
        }
    }
}
