import Testing

@testable import AMQP

@Suite("The size of a publication")
struct PublicationSizeTests {
    private static let longest = AMQPString(String(repeating: "x", count: 255))
    private static let tooLong = AMQPString(String(repeating: "x", count: 256))

    @Test("has 255 bytes for each name")
    func names() {
        var publication = Publication(exchange: Self.longest, routingKey: Self.longest, body: [])
        publication.properties.correlationID = Self.longest
        publication.properties.headers = [Self.longest: .table([Self.longest: 1])]
        #expect(publication.oversizedPart(frameLimit: 4096) == nil)
        func oversized(_ change: (inout Publication) -> Void) -> String? {
            var copy = publication
            change(&copy)
            return copy.oversizedPart(frameLimit: 4096)
        }
        #expect(oversized { $0.exchange = Self.tooLong } == "exchange")
        #expect(oversized { $0.routingKey = Self.tooLong } == "routing key")
        #expect(oversized { $0.properties.correlationID = Self.tooLong } == "correlation_id")
        #expect(oversized { $0.properties.clusterID = Self.tooLong } == "cluster_id")
        #expect(oversized { $0.properties.headers = [Self.tooLong: 1] } == "a header's name")
        #expect(oversized { $0.properties.headers = ["a": .array([.table([Self.tooLong: 1])])] } == "a header's name")
    }

    @Test("leaves the headers one frame", arguments: [(-1, nil), (0, nil), (1, "headers")] as [(Int, String?)])
    func frame(over: Int, expected: String?) {
        // 32 for the frame and the fixed properties, 4 and 1 + 1 + 5 for the table, its one field and the string's length.
        let room = 4096 - 32 - 4 - 7
        var publication = Publication(exchange: "", routingKey: "", body: [])
        publication.properties.headers = ["h": .string(AMQPString(String(repeating: "x", count: room + over)))]
        #expect(publication.oversizedPart(frameLimit: 4096) == expected)
    }

    @Test(
        "counts every kind of value as the library writes it",
        arguments: [
            .bool(true), .int8(1), .uint8(1), .int16(1), .uint16(1), .int32(1), .uint32(1), .int64(1), .uint64(1),
            .float(1), .double(1), .decimal(scale: 1, value: 1), .string("xyz"), .bytes([1, 2]), .array([1, "x"]),
            .table(["a": 1, "b": .table([:])]), .timestamp(1), .void,
        ] as [FieldValue]
    )
    func encodedSize(value: FieldValue) {
        let table: FieldTable = ["key": value]
        #expect(table.encodedSize == table.sizeInLibrary)
    }
}
