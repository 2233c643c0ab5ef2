@testable import AMQP

/// One client's connection to a broker that says what the test wants it to say.
final class FakeSession {
    /// What a client did, where it is not answered by itself.
    enum Action: Hashable {
        case publish(key: String, bodySize: UInt64)
        case get(queue: String)
        case acknowledge(UInt64, upTo: Bool)
        case reject(UInt64, requeue: Bool)
        case declare(queue: String, passive: Bool)
        case declareExchange(String)
        case bind(queue: String)
        case consume(String)
        case cancel(String)
        case prefetch(UInt16)
        case close
    }

    let socket: TestSocket
    /// Queues that a passive declaration does not find.
    var missingQueues: Set<String> = []
    /// What a declaration tells of any queue.
    var queueState: (messages: UInt32, consumers: UInt32) = (0, 0)
    /// The channels that the client closed, in order; those of the hand-shake and of declarations not counted.
    private(set) var closedChannels: [UInt16] = []
    /// The channel of the action that `next` gave last.
    private(set) var channel: UInt16 = 1
    /// Whether `basic.cancel` gets its answer at once.
    var answersCancel = true
    private(set) var clientProperties: [UInt8] = []

    init(_ socket: TestSocket) {
        self.socket = socket
    }

    /// From the protocol header to an open channel.
    func open(heartbeat: UInt16 = 60) throws {
        _ = try self.socket.read(8)
        try self.start(heartbeat: heartbeat)
        _ = try self.method(10, 40)
        try self.send(0, 10, 41) { $0.short("") }
        try self.answerChannelOpen()
    }

    /// The hand-shake up to `connection.open`, which is left unread.
    func start(heartbeat: UInt16 = 60) throws {
        try self.send(0, 10, 10) { writer in
            writer.number(UInt8(0))
            writer.number(UInt8(9))
            writer.number(UInt32(0))
            writer.long("PLAIN AMQPLAIN")
            writer.long("en_US")
        }
        self.clientProperties = try self.method(10, 11)
        try self.send(0, 10, 30) { writer in
            writer.number(UInt16(2047))
            writer.number(UInt32(131_072))
            writer.number(heartbeat)
        }
        _ = try self.method(10, 31)
    }

    /// The client's next action; what only wants an `ok` gets it here.
    func next() throws -> Action {
        while true {
            let (type, channel, payload) = try self.frame()
            guard type == 1 else { continue }
            var reader = WireReader(payload)
            self.channel = channel
            if let action = try self.action(channel, reader.number(), reader.number(), &reader) { return action }
        }
    }

    /// Answers a publisher's wish for confirms.
    func answerConfirmSelect() throws {
        _ = try self.method(85, 10)
        try self.send(1, 85, 11)
    }

    /// Answers the end of the channel that declarations are made on, where no action comes after it.
    func answerScratchChannelClose() throws {
        _ = try self.method(20, 40)
        try self.send(BrokerConnection.scratchChannel, 20, 41)
    }

    /// Expects these actions, in order.
    func expect(_ expected: Action...) throws {
        for action in expected {
            let actual = try self.next()
            guard actual == action else {
                throw TestSocketError(description: "expected \(action), got \(actual)")
            }
        }
    }

    /// Expects these actions, in any order.
    func expectInAnyOrder(_ expected: Action...) throws {
        let actual = try expected.map { _ in try self.next() }
        guard Set(actual) == Set(expected) else {
            throw TestSocketError(description: "expected \(expected), got \(actual)")
        }
    }

    func send(_ channel: UInt16, _ class: UInt16, _ method: UInt16, _ write: (inout WireWriter) -> Void = { _ in })
        throws
    {
        var payload = WireWriter()
        payload.number(`class`)
        payload.number(method)
        write(&payload)
        try self.sendFrame(1, channel, payload.bytes)
    }

    func sendFrame(_ type: UInt8, _ channel: UInt16, _ payload: [UInt8]) throws {
        var frame = WireWriter()
        frame.number(type)
        frame.number(channel)
        frame.number(UInt32(payload.count))
        try self.socket.write(frame.bytes + payload + [0xce])
    }

    /// The payload of the next frame, which must be this method.
    private func method(_ class: UInt16, _ method: UInt16) throws -> [UInt8] {
        let (_, _, payload) = try self.frame()
        var reader = WireReader(payload)
        guard reader.number() == `class`, reader.number() == method else {
            throw TestSocketError(description: "expected method \(`class`).\(method)")
        }
        return payload
    }

    private func frame() throws -> (type: UInt8, channel: UInt16, payload: [UInt8]) {
        while true {
            var head = WireReader(try self.socket.read(7))
            let (type, channel, size) = (head.number(UInt8.self), head.number(UInt16.self), head.number(UInt32.self))
            let payload = try self.socket.read(Int(size))
            guard try self.socket.read(1) == [0xce] else { throw TestSocketError(description: "no end of frame") }
            if type != 8 { return (type, channel, payload) }
        }
    }

    private func answerChannelOpen() throws {
        _ = try self.method(20, 10)
        try self.send(1, 20, 11) { $0.long("") }
    }

    private func action(
        _ channel: UInt16,
        _ class: UInt16,
        _ method: UInt16,
        _ reader: inout WireReader
    ) throws -> Action? {
        switch (`class`, method) {
        case (10, 50):
            try self.send(0, 10, 51)
            return .close
        case (20, 10): try self.send(channel, 20, 11) { $0.long("") }
        case (20, 40):
            if channel > BrokerConnection.scratchChannel { self.closedChannels.append(channel) }
            try self.send(channel, 20, 41)
        case (40, 10):
            _ = reader.number(UInt16.self)
            let name = reader.short()
            try self.send(channel, 40, 11)
            return .declareExchange(name)
        case (50, 10):
            _ = reader.number(UInt16.self)
            let name = reader.short()
            if self.missingQueues.contains(name) {
                try self.closeChannel(404, "NOT_FOUND - no queue", channel: channel)
            } else {
                try self.send(channel, 50, 11) { writer in
                    writer.short(name)
                    writer.number(self.queueState.messages)
                    writer.number(self.queueState.consumers)
                }
            }
            return .declare(queue: name, passive: reader.number(UInt8.self) & 1 == 1)
        case (50, 20):
            _ = reader.number(UInt16.self)
            try self.send(channel, 50, 21)
            return .bind(queue: reader.short())
        case (60, _): return try self.basicAction(channel, method, &reader)
        case (85, 10): try self.send(channel, 85, 11)
        default: break
        }
        return nil
    }

    private func basicAction(_ channel: UInt16, _ method: UInt16, _ reader: inout WireReader) throws -> Action? {
        switch method {
        case 10:
            _ = reader.number(UInt32.self)
            try self.send(channel, 60, 11)
            return .prefetch(reader.number())
        case 20:
            _ = reader.number(UInt16.self)
            let queue = reader.short()
            try self.send(channel, 60, 21) { $0.short(queue) }
            return .consume(queue)
        case 30:
            let tag = reader.short()
            if self.answersCancel { try self.cancelled(tag, channel: channel) }
            return .cancel(tag)
        case 40:
            _ = reader.number(UInt16.self)
            _ = reader.short()
            return .publish(key: reader.short(), bodySize: try self.readContent())
        case 70:
            _ = reader.number(UInt16.self)
            return .get(queue: reader.short())
        case 80: return .acknowledge(reader.number(), upTo: reader.number(UInt8.self) & 1 == 1)
        case 90: return .reject(reader.number(), requeue: reader.number(UInt8.self) & 1 == 1)
        default: return nil
        }
    }

    private func readContent() throws -> UInt64 {
        var header = WireReader(try self.frame().payload)
        _ = header.number(UInt32.self)
        let size = header.number(UInt64.self)
        var got: UInt64 = 0
        while got < size { got += UInt64(try self.frame().payload.count) }
        return size
    }
}
