import Testing

@testable import AMQP

@Suite("The assembler of messages")
struct MessageAssemblerTests {
    private let head = MessageAssembler.Head.delivery(
        consumerTag: "q",
        tag: 1,
        isRedelivered: false,
        exchange: "",
        key: "k"
    )

    @Test("puts a body together from its frames", arguments: [[6], [1, 5], [1, 2, 3]])
    func body(sizes: [Int]) throws {
        var assembler = MessageAssembler(bodyLimit: 6)
        try assembler.begin(self.head)
        #expect(try assembler.header(MessageProperties(), bodySize: 6) == nil)
        let bytes: [UInt8] = [1, 2, 3, 4, 5, 6]
        var message: MessageAssembler.Message?
        var start = 0
        for size in sizes {
            #expect(message == nil)
            message = try bytes[start..<(start + size)].withUnsafeBytes { try assembler.body($0) }
            start += size
        }
        #expect(message?.body == bytes)
        #expect(message?.head == self.head)
        try assembler.begin(self.head)
    }

    @Test("needs no body frame for an empty body")
    func empty() throws {
        var assembler = MessageAssembler(bodyLimit: 0)
        try assembler.begin(self.head)
        #expect(try assembler.header(MessageProperties(), bodySize: 0)?.bodySize == 0)
        try assembler.begin(self.head)
    }

    @Test("keeps a body up to the limit and drains a larger one", arguments: [(3, 3), (4, 4), (5, 0)])
    func limit(size: Int, kept: Int) throws {
        var assembler = MessageAssembler(bodyLimit: 4)
        try assembler.begin(self.head)
        #expect(try assembler.header(MessageProperties(), bodySize: UInt64(size)) == nil)
        let bytes = [UInt8](repeating: 7, count: size)
        let message = try bytes.withUnsafeBytes { try assembler.body($0) }
        #expect(message?.body.count == kept)
        #expect(message?.bodySize == UInt64(size))
    }

    @Test("keeps large bodies as long as there is room for them")
    func room() throws {
        var assembler = MessageAssembler(bodyLimit: 8)
        assembler.room = BodyRoom(forBodiesOver: 2, bytes: 10)
        func kept(_ size: Int) throws -> Int? {
            try assembler.begin(self.head)
            _ = try assembler.header(MessageProperties(), bodySize: UInt64(size))
            var last: MessageAssembler.Message?
            for _ in 1...size { last = try [7 as UInt8].withUnsafeBytes { try assembler.body($0) } }
            return last?.body.count
        }
        #expect(try [9, 6, 5, 2, 4, 3, 1].map(kept) == [0, 6, 0, 2, 4, 0, 1])
        assembler.room?.giveBack(2)
        #expect(try kept(3) == 0)
        assembler.room?.giveBack(4)
        #expect(try [5, 4].map(kept) == [0, 4])
    }

    @Test("keeps the body of a returned message whatever its size")
    func returned() throws {
        var assembler = MessageAssembler(bodyLimit: 0)
        try assembler.begin(.returned(code: 312, text: "NO_ROUTE", exchange: "", key: ""))
        _ = try assembler.header(MessageProperties(), bodySize: 2)
        #expect(try [1 as UInt8, 2].withUnsafeBytes { try assembler.body($0) }?.body == [1, 2])
    }

    @Test("refuses frames out of order")
    func outOfOrder() throws {
        var idle = MessageAssembler(bodyLimit: 9)
        #expect(throws: MessageAssembler.OutOfOrder.self) { try idle.header(MessageProperties(), bodySize: 1) }
        #expect(throws: MessageAssembler.OutOfOrder.self) { try [UInt8(1)].withUnsafeBytes { try idle.body($0) } }
        try idle.begin(self.head)
        #expect(throws: MessageAssembler.OutOfOrder.self) { try idle.begin(self.head) }
        #expect(throws: MessageAssembler.OutOfOrder.self) { try [UInt8(1)].withUnsafeBytes { try idle.body($0) } }
        _ = try idle.header(MessageProperties(), bodySize: 1)
        #expect(throws: MessageAssembler.OutOfOrder.self) { try [1 as UInt8, 2].withUnsafeBytes { try idle.body($0) } }
    }
}
