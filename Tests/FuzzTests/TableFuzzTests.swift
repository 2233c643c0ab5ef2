import CRabbitMQ
import Testing

@testable import AMQP

@Suite("Fuzzing the reader of header tables")
struct TableFuzzTests {
    @Test("finds nothing") func run() async throws {
        try await FuzzRun.fromEnvironment.run(TableFuzz.self)
    }
}

/// The input is a table as it comes on the wire, and then once more a message's properties.
enum TableFuzz: FuzzTarget {
    static let name = "table"
    /// Tables in tables and arrays in arrays, as many as a frame holds.
    static let deep = [
        WireTable.nested(20_000, kind: "F", size: 7, name: [1, 0x61]),
        WireTable.framed([1, 0x61] + WireTable.nestedArrays(26_000)),
    ]
    /// What connections are read on, see `onBrokerThread`.
    static let stackSize = 16 << 20
    static let tokens: [[UInt8]] =
        "tbBsuIiLlfdDSxATFVZ".utf8.map { [1, 0x61, $0] } + [
            [0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 5], [0xFF, 0xFF, 0xFF, 0xFF], [0x7F, 0xFF, 0xFF, 0xFF],
            [0x80, 0, 0, 0], [0],
            [255], Array("x-death".utf8), [0x7F, 0xC0, 0, 0], [0xFF, 0xF8], [0x20, 0], [0x80, 1],
        ]

    static func fresh(using random: inout FuzzRandom) -> [UInt8]? {
        random.below(4) == 0 ? nil : WireTable.random(depth: 4, using: &random)
    }

    static func check(_ input: [UInt8]) throws(Finding) -> Bool {
        try self.checkProperties(input)
        guard let table = Wire.table(input) else { return false }
        try Finding.unless(Self.depth(of: table) <= FieldTable.depthLimit, "is kept to the depth limit")
        try Finding.unless(table.hasEncodableNames, "a name that came has a length that goes")
        try Self.checkLookups(table)
        guard let bytes = Wire.bytes(table) else { throw Finding("what was read can be written") }
        try Finding.unless(bytes.count == table.encodedSize, "its size is \(table.encodedSize), written \(bytes.count)")
        guard let again = Wire.table(bytes) else { throw Finding("what was written can be read") }
        try Finding.unless(!again.isTruncated, "what was cut once is not cut again")
        // As text where they differ, since a NaN is not equal to itself.
        try Finding.unless(
            table.isTruncated || again == table || "\(again)" == "\(table)",
            "what was written reads as it was"
        )
        try Finding.unless(Wire.bytes(again) == bytes, "what was written reads the same")
        return true
    }

    /// A look-up finds the first of a name, and writing leaves one.
    private static func checkLookups(_ table: FieldTable) throws(Finding) {
        for field in table.fields.prefix(8) {
            let first = table.fields.first { $0.name == field.name }
            try Finding.unless(
                table[field.name]?.kindName == first?.value.kindName,
                "a look-up finds the first of a name"
            )
            var changed = table
            changed[field.name] = .bool(true)
            try Finding.unless(
                changed.fields.filter { $0.name == field.name }.count == 1,
                "writing leaves one of a name"
            )
            _ = (field.value.text, field.value.integer, field.name.text, field.name.description)
        }
    }

    private static func checkProperties(_ input: [UInt8]) throws(Finding) {
        guard let properties = Wire.properties(input) else { return }
        guard let bytes = Wire.bytes(properties) else { throw Finding("properties that were read can be written") }
        guard let again = Wire.properties(bytes) else { throw Finding("properties that were written can be read") }
        try Finding.unless(Wire.bytes(again) == bytes, "properties that were written read the same")
    }

    private static func depth(of table: FieldTable) -> Int {
        1 + (table.fields.map { Self.depth(of: $0.value) }.max() ?? 0)
    }

    private static func depth(of value: FieldValue) -> Int {
        switch value {
        case .table(let table): Self.depth(of: table)
        case .array(let values): 1 + (values.map { Self.depth(of: $0) }.max() ?? 0)
        default: 0
        }
    }
}

extension FieldValue {
    fileprivate var kindName: Substring { "\(self)".prefix { $0 != "(" } }
}

/// The library's side: bytes to values and back.
private enum Wire {
    static func table(_ bytes: [UInt8]) -> FieldTable? {
        self.reading(bytes) { encoded, pool in
            var table = amqp_table_t()
            var offset = 0
            return amqp_decode_table(encoded, &pool, &table, &offset) == 0 ? FieldTable(copying: table) : nil
        }
    }

    static func properties(_ bytes: [UInt8]) -> MessageProperties? {
        self.reading(bytes) { encoded, pool in
            var decoded: UnsafeMutableRawPointer?
            let status = amqp_decode_properties(UInt16(AMQP_BASIC_CLASS), &pool, encoded, &decoded)
            guard status == 0, let decoded else { return nil }
            return MessageProperties(copying: decoded.assumingMemoryBound(to: amqp_basic_properties_t.self).pointee)
        }
    }

    static func bytes(_ table: FieldTable) -> [UInt8]? {
        let arena = Arena()
        var encoded = table.encoded(in: arena)
        return self.writing(room: table.encodedSize + 64) { buffer in
            var offset = 0
            return amqp_encode_table(buffer, &encoded, &offset) == 0 ? offset : nil
        }
    }

    static func bytes(_ properties: MessageProperties) -> [UInt8]? {
        let arena = Arena()
        var encoded = properties.encoded(in: arena)
        return self.writing(room: (properties.headers?.encodedSize ?? 0) + 4096) { buffer in
            let size = amqp_encode_properties(UInt16(AMQP_BASIC_CLASS), &encoded, buffer)
            return size < 0 ? nil : Int(size)
        }
    }

    /// The bytes are in memory of exactly their size, and the decoder's pool is gone before the value is used.
    private static func reading<Value>(_ bytes: [UInt8], _ read: (amqp_bytes_t, inout amqp_pool_t) -> Value?) -> Value?
    {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { memory.deallocate() }
        memory.copyBytes(from: bytes)
        var pool = amqp_pool_t()
        init_amqp_pool(&pool, 16 * 1024)
        defer { empty_amqp_pool(&pool) }
        return read(amqp_bytes_t(len: bytes.count, bytes: memory.baseAddress), &pool)
    }

    private static func writing(room: Int, _ write: (amqp_bytes_t) -> Int?) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: room)
        let size = bytes.withUnsafeMutableBytes { write(amqp_bytes_t(len: $0.count, bytes: $0.baseAddress)) }
        return size.map { Array(bytes[..<$0]) }
    }
}
