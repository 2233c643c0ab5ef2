/// A value in a field table, in every kind that RabbitMQ sends or takes.
package enum FieldValue: Equatable, Sendable {
    case bool(Bool)
    case int8(Int8)
    case uint8(UInt8)
    case int16(Int16)
    case uint16(UInt16)
    case int32(Int32)
    case uint32(UInt32)
    case int64(Int64)
    case uint64(UInt64)
    case float(Float)
    case double(Double)
    /// `value` divided by ten to the power of `scale`.
    case decimal(scale: UInt8, value: UInt32)
    case string(AMQPString)
    case bytes([UInt8])
    case array([FieldValue])
    case table(FieldTable)
    /// Seconds since 1970.
    case timestamp(UInt64)
    case void
}

extension FieldValue {
    /// The text of a string, or nil for another kind and for bytes that are not UTF-8.
    package var text: String? {
        guard case .string(let string) = self else { return nil }
        return string.text
    }

    /// The value of any integer kind that an `Int64` holds.
    package var integer: Int64? {
        switch self {
        case .int8(let value): Int64(value)
        case .uint8(let value): Int64(value)
        case .int16(let value): Int64(value)
        case .uint16(let value): Int64(value)
        case .int32(let value): Int64(value)
        case .uint32(let value): Int64(value)
        case .int64(let value): value
        case .uint64(let value): Int64(exactly: value)
        case .bool, .float, .double, .decimal, .string, .bytes, .array, .table, .timestamp, .void: nil
        }
    }
}

extension FieldValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    package init(stringLiteral value: StaticString) {
        self = .string(AMQPString(stringLiteral: value))
    }

    package init(integerLiteral value: Int64) {
        self = .int64(value)
    }

    package init(booleanLiteral value: Bool) {
        self = .bool(value)
    }
}
