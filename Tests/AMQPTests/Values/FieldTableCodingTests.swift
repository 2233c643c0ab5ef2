import CRabbitMQ
import Testing

@testable import AMQP

@Suite("A field table in the library's form")
struct FieldTableCodingTests {
    @Test("comes back as it went")
    func roundTrip() throws {
        let table: FieldTable = [
            "b": true, "i8": .int8(-1), "u8": .uint8(255), "i16": .int16(-2), "u16": .uint16(65535), "i32": .int32(-3),
            "u32": .uint32(.max), "i64": .int64(.min), "u64": .uint64(.max), "f": .float(0.5), "d": .double(.pi),
            "dec": .decimal(scale: 3, value: 7), "s": "text", "raw": .string(AMQPString(bytes: [0xff])),
            "x": .bytes([0, 1]), "a": .array([.void, .array(["deep"]), .table(["k": 1])]), "t": .timestamp(12),
            "v": .void, "F": .table([:]),
        ]
        #expect(try table.throughLibrary() == table)
    }

    @Test("is kept to a depth of 32, and says where it was deeper", arguments: [(31, false), (32, false), (33, true)])
    func depth(levels: Int, isTruncated: Bool) throws {
        let table = try FieldTable.nested(levels).throughLibrary()
        #expect(table.isTruncated == isTruncated)
        #expect(table.depth == min(levels, 32))
    }

    @Test("names the fields that were cut, in tables and in arrays, and keeps the others")
    func truncatedNames() throws {
        let deep = FieldTable.nested(40)
        let table: FieldTable = ["deep": .table(deep), "list": .array([1, .table(deep)]), "note": "kept"]
        let copy = try table.throughLibrary()
        #expect(copy.truncatedNames == ["deep", "list"])
        #expect(copy["note" as AMQPString] == "kept")
    }

    @Test("of 20,000 levels costs nobody's stack")
    func hostile() async throws {
        // Written by hand: building such a value would be what must not happen.
        let levels = 20_000
        let encoded = FieldTable.encodedNested(levels)
        let table = try await onBrokerThread(named: "test") { FieldTable.decoded(encoded) }
        let decoded = try #require(table)
        #expect(decoded.isTruncated)
        #expect(decoded.depth == 32)
        #expect(decoded == decoded)
    }
}

extension FieldTable {
    /// A table in a table, and so on: `levels` in all.
    static func nested(_ levels: Int) -> FieldTable {
        (1..<levels).reduce([:]) { inner, _ in ["a": .table(inner)] }
    }

    static func encodedNested(_ levels: Int) -> [UInt8] {
        // A level is its length (4), then a name (1 + 1), a kind (1) and the next level.
        var bytes: [UInt8] = []
        for level in 0..<levels {
            let length = UInt32((levels - 1 - level) * 7)
            withUnsafeBytes(of: length.bigEndian) { bytes.append(contentsOf: $0) }
            if length > 0 { bytes.append(contentsOf: [1, UInt8(ascii: "a"), UInt8(ascii: "F")]) }
        }
        return bytes
    }

    var depth: Int {
        1 + (self.fields.map(\.value.depth).max() ?? 0)
    }

    static func decoded(_ bytes: [UInt8]) -> FieldTable? {
        var bytes = bytes
        return bytes.withUnsafeMutableBytes { buffer in
            var pool = amqp_pool_t()
            init_amqp_pool(&pool, 16 * 1024)
            defer { empty_amqp_pool(&pool) }
            var table = amqp_table_t()
            var offset = 0
            let encoded = amqp_bytes_t(len: buffer.count, bytes: buffer.baseAddress)
            guard amqp_decode_table(encoded, &pool, &table, &offset) == 0 else { return nil }
            return FieldTable(copying: table)
        }
    }

    private func encodedByLibrary() -> [UInt8]? {
        let arena = Arena()
        var table = self.encoded(in: arena)
        var bytes = [UInt8](repeating: 0, count: 100_000)
        var offset = 0
        let status = bytes.withUnsafeMutableBytes { buffer in
            amqp_encode_table(amqp_bytes_t(len: buffer.count, bytes: buffer.baseAddress), &table, &offset)
        }
        return status == 0 ? Array(bytes[..<offset]) : nil
    }

    var sizeInLibrary: Int? { self.encodedByLibrary()?.count }

    func throughLibrary() throws -> FieldTable {
        let encoded = try #require(self.encodedByLibrary())
        return try #require(FieldTable.decoded(encoded))
    }
}

extension FieldValue {
    var depth: Int {
        switch self {
        case .table(let table): table.depth
        case .array(let values): 1 + (values.map(\.depth).max() ?? 0)
        default: 0
        }
    }
}
