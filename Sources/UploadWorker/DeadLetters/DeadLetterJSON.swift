import AMQP
import Foundation
import Uploads

/// A whole message as `dead show` prints it.
extension JSONWriter {
    mutating func message(_ delivery: Delivery) {
        self.name("properties")
        self.properties(delivery.properties)
        self.name("headers")
        self.table(delivery.properties.headers ?? FieldTable())
        self.name("body")
        let text = String(validating: delivery.body, as: UTF8.self)
        self.string(text ?? Data(delivery.body).base64EncodedString())
        self.name("body_encoding")
        self.string(text == nil ? "base64" : "utf-8")
    }

    private mutating func properties(_ properties: MessageProperties) {
        let texts: [(StaticString, AMQPString?)] = [
            ("content_type", properties.contentType), ("content_encoding", properties.contentEncoding),
            ("correlation_id", properties.correlationID), ("reply_to", properties.replyTo),
            ("expiration", properties.expiration), ("message_id", properties.messageID), ("type", properties.type),
            ("user_id", properties.userID), ("app_id", properties.appID), ("cluster_id", properties.clusterID),
        ]
        self.object { writer in
            for (name, value) in texts {
                guard let value else { continue }
                writer.name(name)
                writer.string(value.description)
            }
            if let mode = properties.deliveryMode { writer.member("delivery_mode", Int64(mode)) }
            if let priority = properties.priority { writer.member("priority", Int64(priority)) }
            if let timestamp = properties.timestamp { writer.member("timestamp", Self.time(timestamp)) }
        }
    }

    private mutating func table(_ table: FieldTable) {
        self.object { writer in
            // A name that comes twice would make the object ambiguous: the first is what the worker reads.
            var seen: Set<String> = []
            for field in table.fields where seen.insert(field.name.description).inserted {
                writer.name(text: field.name.description)
                writer.value(field.value)
            }
        }
    }

    private mutating func value(_ value: FieldValue) {
        switch value {
        case .bool(let bool): self.bool(bool)
        case .int8(let number): self.integer(number)
        case .uint8(let number): self.integer(number)
        case .int16(let number): self.integer(number)
        case .uint16(let number): self.integer(number)
        case .int32(let number): self.integer(number)
        case .uint32(let number): self.integer(number)
        case .int64(let number): self.integer(number)
        case .uint64(let number): self.integer(number)
        case .float(let number): self.floating(number)
        case .double(let number): self.floating(number)
        case .decimal(let scale, let number): self.string("\(number)e-\(scale)")
        case .string(let text): self.string(text.text ?? Data(text.bytes).base64EncodedString())
        case .bytes(let bytes): self.string(Data(bytes).base64EncodedString())
        case .array(let values): self.array(values) { writer, value in writer.value(value) }
        case .table(let table): self.table(table)
        case .timestamp(let seconds): self.string(Self.time(seconds))
        case .void: self.null()
        }
    }

    private mutating func floating(_ number: some BinaryFloatingPoint & CustomStringConvertible) {
        if number.isFinite { self.number(number) } else { self.string(number.description) }
    }

    private static func time(_ seconds: UInt64) -> String {
        RFC3339.text(of: Date(timeIntervalSince1970: Double(seconds)))
    }
}
