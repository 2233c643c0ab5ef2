import CRabbitMQ

extension FieldTable {
    /// How deep tables and arrays are copied; what nests deeper becomes `.void`.
    ///
    /// Copying, comparing and freeing a value recurse, on stacks of 512 KiB: a client that nests 20,000 tables must not
    /// bring the process down.
    static let depthLimit = 32

    /// Copies a table out of the library's memory.
    init(copying table: amqp_table_t) {
        self.init(copying: table, depth: 1)
    }

    fileprivate init(copying table: amqp_table_t, depth: Int) {
        var truncatedNames: [AMQPString] = []
        let entries = UnsafeBufferPointer(start: table.entries, count: Int(table.num_entries))
        self.init(
            entries.map { entry in
                var isTruncated = false
                let name = AMQPString(entry.key)
                let value = FieldValue(copying: entry.value, depth: depth, isTruncated: &isTruncated)
                if isTruncated { truncatedNames.append(name) }
                return (name, value)
            }
        )
        self.truncatedNames = truncatedNames
    }
}

extension FieldValue {
    fileprivate init(copying field: amqp_field_value_t, depth: Int, isTruncated: inout Bool) {
        let value = field.value
        switch amqp_field_value_kind_t(UInt32(field.kind)) {
        case AMQP_FIELD_KIND_BOOLEAN: self = .bool(value.boolean != 0)
        case AMQP_FIELD_KIND_I8: self = .int8(value.i8)
        case AMQP_FIELD_KIND_U8: self = .uint8(value.u8)
        case AMQP_FIELD_KIND_I16: self = .int16(value.i16)
        case AMQP_FIELD_KIND_U16: self = .uint16(value.u16)
        case AMQP_FIELD_KIND_I32: self = .int32(value.i32)
        case AMQP_FIELD_KIND_U32: self = .uint32(value.u32)
        case AMQP_FIELD_KIND_I64: self = .int64(value.i64)
        case AMQP_FIELD_KIND_U64: self = .uint64(value.u64)
        case AMQP_FIELD_KIND_F32: self = .float(value.f32)
        case AMQP_FIELD_KIND_F64: self = .double(value.f64)
        case AMQP_FIELD_KIND_DECIMAL: self = .decimal(scale: value.decimal.decimals, value: value.decimal.value)
        case AMQP_FIELD_KIND_UTF8: self = .string(AMQPString(value.bytes))
        case AMQP_FIELD_KIND_BYTES: self = .bytes(value.bytes.copied)
        case AMQP_FIELD_KIND_TIMESTAMP: self = .timestamp(value.u64)
        case AMQP_FIELD_KIND_ARRAY:
            self.init(copying: value.array, depth: depth, isTruncated: &isTruncated)
        case AMQP_FIELD_KIND_TABLE:
            self.init(copying: value.table, depth: depth, isTruncated: &isTruncated)
        default: self = .void
        }
    }

    private init(copying array: amqp_array_t, depth: Int, isTruncated: inout Bool) {
        guard depth < FieldTable.depthLimit else {
            isTruncated = true
            self = .void
            return
        }
        let entries = UnsafeBufferPointer(start: array.entries, count: Int(array.num_entries))
        self = .array(entries.map { FieldValue(copying: $0, depth: depth + 1, isTruncated: &isTruncated) })
    }

    private init(copying table: amqp_table_t, depth: Int, isTruncated: inout Bool) {
        guard depth < FieldTable.depthLimit else {
            isTruncated = true
            self = .void
            return
        }
        let inner = FieldTable(copying: table, depth: depth + 1)
        isTruncated = isTruncated || inner.isTruncated
        self = .table(inner)
    }
}
