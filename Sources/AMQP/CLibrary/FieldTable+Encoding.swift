import CRabbitMQ

extension FieldTable {
    /// The table in the library's form; valid until the arena is recycled.
    func encoded(in arena: Arena) -> amqp_table_t {
        guard !self.isEmpty, let entries = arena.allocate(self.count, of: amqp_table_entry_t.self) else {
            return amqp_table_t()
        }
        for (index, field) in self.fields.enumerated() {
            entries[index] = amqp_table_entry_t(key: arena.copy(field.name), value: field.value.encoded(in: arena))
        }
        return amqp_table_t(num_entries: Int32(self.count), entries: entries)
    }

    /// The bytes that the table takes in a frame, its length included.
    var encodedSize: Int {
        self.fields.reduce(4) { $0 + 1 + $1.name.bytes.count + $1.value.encodedSize }
    }

    /// Whether every name, at every depth, has room in its one byte of length.
    var hasEncodableNames: Bool {
        self.fields.allSatisfy { $0.name.bytes.count <= 255 && $0.value.hasEncodableNames }
    }
}

extension FieldValue {
    fileprivate var encodedSize: Int {
        switch self {
        case .void: 1
        case .bool, .int8, .uint8: 2
        case .int16, .uint16: 3
        case .int32, .uint32, .float: 5
        case .decimal: 6
        case .int64, .uint64, .double, .timestamp: 9
        case .string(let string): 5 + string.bytes.count
        case .bytes(let bytes): 5 + bytes.count
        case .array(let values): values.reduce(5) { $0 + $1.encodedSize }
        case .table(let table): 1 + table.encodedSize
        }
    }

    fileprivate var hasEncodableNames: Bool {
        switch self {
        case .array(let values): values.allSatisfy(\.hasEncodableNames)
        case .table(let table): table.hasEncodableNames
        case .void, .bool, .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64, .float, .double,
            .decimal, .string, .bytes, .timestamp:
            true
        }
    }

    fileprivate func encoded(in arena: Arena) -> amqp_field_value_t {
        var field = amqp_field_value_t()
        field.kind = UInt8(truncatingIfNeeded: self.kind.rawValue)
        switch self {
        case .bool(let value): field.value.boolean = value ? 1 : 0
        case .int8(let value): field.value.i8 = value
        case .uint8(let value): field.value.u8 = value
        case .int16(let value): field.value.i16 = value
        case .uint16(let value): field.value.u16 = value
        case .int32(let value): field.value.i32 = value
        case .uint32(let value): field.value.u32 = value
        case .int64(let value): field.value.i64 = value
        case .uint64(let value), .timestamp(let value): field.value.u64 = value
        case .float(let value): field.value.f32 = value
        case .double(let value): field.value.f64 = value
        case .decimal(let scale, let value): field.value.decimal = amqp_decimal_t(decimals: scale, value: value)
        case .string(let string): field.value.bytes = arena.copy(string)
        case .bytes(let bytes): field.value.bytes = arena.copy(bytes)
        case .table(let table): field.value.table = table.encoded(in: arena)
        case .array(let values): field.value.array = Self.encoded(values, in: arena)
        case .void: break
        }
        return field
    }

    private static func encoded(_ values: [FieldValue], in arena: Arena) -> amqp_array_t {
        guard !values.isEmpty, let entries = arena.allocate(values.count, of: amqp_field_value_t.self) else {
            return amqp_array_t()
        }
        for (index, value) in values.enumerated() {
            entries[index] = value.encoded(in: arena)
        }
        return amqp_array_t(num_entries: Int32(values.count), entries: entries)
    }

    private var kind: amqp_field_value_kind_t {
        switch self {
        case .bool: AMQP_FIELD_KIND_BOOLEAN
        case .int8: AMQP_FIELD_KIND_I8
        case .uint8: AMQP_FIELD_KIND_U8
        case .int16: AMQP_FIELD_KIND_I16
        case .uint16: AMQP_FIELD_KIND_U16
        case .int32: AMQP_FIELD_KIND_I32
        case .uint32: AMQP_FIELD_KIND_U32
        case .int64: AMQP_FIELD_KIND_I64
        case .uint64: AMQP_FIELD_KIND_U64
        case .float: AMQP_FIELD_KIND_F32
        case .double: AMQP_FIELD_KIND_F64
        case .decimal: AMQP_FIELD_KIND_DECIMAL
        case .string: AMQP_FIELD_KIND_UTF8
        case .bytes: AMQP_FIELD_KIND_BYTES
        case .array: AMQP_FIELD_KIND_ARRAY
        case .table: AMQP_FIELD_KIND_TABLE
        case .timestamp: AMQP_FIELD_KIND_TIMESTAMP
        case .void: AMQP_FIELD_KIND_VOID
        }
    }
}
