import Testing

@testable import AMQP

@Suite("A queue's reader, told by the broker")
struct QueueReaderDialogueTests {
    @Test("of messages, takes out what it acknowledges and has the rest put back when all is read")
    func reads() async throws {
        try await withFakeBroker([
            { broker in
                try broker.expectReading("q", holding: 3, prefetch: 10)
                for tag in 1...3 as ClosedRange<UInt64> { try broker.deliver(tag, body: [UInt8(tag)]) }
                broker.queueState = (2, 0)
                try broker.expectSettlement(acknowledged: [2], channels: [3])
            }
        ]) { configuration in
            let bodies = try await reading("q", configuration) { reader in
                var bodies: [[UInt8]] = []
                for try await batch in reader.elements {
                    for element in batch {
                        bodies.append([UInt8(element.position)] + element.body)
                        if element.body == [2] {
                            reader.acknowledge(element.handle)
                        } else {
                            reader.leave(element.handle)
                        }
                    }
                }
                return bodies
            }
            #expect(bodies == [[1, 1], [2, 2], [3, 3]])
        }
    }

    @Test("that it holds all it may, reads on by another channel that may hold more, and closes them in their order")
    func window() async throws {
        try await withFakeBroker([
            { broker in
                try broker.expectReading("q", holding: 7, prefetch: 2)
                for (channel, tags) in [(3, 1...2), (4, 1...4), (5, 1...1)] as [(UInt16, ClosedRange<UInt64>)] {
                    if channel > 3 {
                        try broker.expect(.prefetch(channel == 4 ? 4 : 8), .consume("q"))
                        try broker.expectChannel(channel)
                    }
                    for tag in tags { try broker.deliver(tag, channel: channel) }
                    if channel == 5 { broker.queueState = (7, 0) }
                    try broker.expect(.cancel("q"))
                    try broker.expectChannel(channel)
                }
                try broker.expectEnd(channels: [3, 4, 5])
            }
        ]) { configuration in
            let count = try await reading("q", configuration, window: 2) { reader in
                var count = 0
                for try await batch in reader.elements {
                    for element in batch { reader.leave(element.handle) }
                    count += batch.count
                }
                return count
            }
            #expect(count == 7)
        }
    }

    @Test("that what it holds is acknowledged, reads on by the same channel")
    func acknowledging() async throws {
        try await withFakeBroker([
            { broker in
                try broker.expectReading("q", holding: 4, prefetch: 2)
                for tag in 1...2 as ClosedRange<UInt64> { try broker.deliver(tag) }
                for tag in 1...2 as ClosedRange<UInt64> { try broker.expect(.acknowledge(tag, upTo: false)) }
                for tag in 3...4 as ClosedRange<UInt64> { try broker.deliver(tag) }
                try broker.expectSettlement(acknowledged: [3, 4], channels: [3], looks: 0...0)
            }
        ]) { configuration in
            let count = try await reading("q", configuration, window: 2) { reader in
                var count = 0
                for try await batch in reader.elements {
                    for element in batch { reader.acknowledge(element.handle) }
                    count += batch.count
                }
                return count
            }
            #expect(count == 4)
        }
    }

    @Test("reads on to the end when nobody wants to know any more: half-read, the queue would be in another order")
    func unwanted() async throws {
        try await withFakeBroker([
            { broker in
                try broker.expectReading("q", holding: 4, prefetch: 2)
                for tag in 1...2 as ClosedRange<UInt64> { try broker.deliver(tag) }
                try broker.expect(.cancel("q"), .prefetch(60_000), .consume("q"))
                for tag in 1...2 as ClosedRange<UInt64> { try broker.deliver(tag, channel: 4) }
                broker.queueState = (4, 0)
                try broker.expect(.cancel("q"))
                try broker.expectEnd(channels: [3, 4])
            }
        ]) { configuration in
            try await reading("q", configuration, window: 2) { _ in }
        }
    }

    @Test("ends only when the queue holds again what was not taken out")
    func puttingBack() async throws {
        try await withFakeBroker([
            { broker in
                try broker.expectReading("q", holding: 1, prefetch: 10)
                try broker.deliver(1)
                broker.queueState = (0, 0)
                try broker.expect(.cancel("q"))
                for _ in 0..<3 { try broker.expect(.declare(queue: "q", passive: true)) }
                broker.queueState = (1, 0)
                try broker.expectEnd(channels: [3], looks: 1...2)
            }
        ]) { configuration in
            try await reading("q", configuration) { _ in }
        }
    }

    @Test("that the queue is empty, reads nothing")
    func empty() async throws {
        try await withFakeBroker([
            { broker in try broker.expect(.declare(queue: "q", passive: true), .close) }
        ]) { configuration in
            let count = try await reading("q", configuration) { reader in
                for try await _ in reader.elements { Issue.record("there is nothing to read") }
                return reader.count
            }
            #expect(count == 0)
        }
    }

    @Test("that there is no such queue, says so")
    func missing() async throws {
        try await withFakeBroker([
            { broker in
                broker.missingQueues = ["q"]
                try broker.expect(.declare(queue: "q", passive: true), .close)
            }
        ]) { configuration in
            _ = await #expect(throws: QueueReaderError.noSuchQueue) { try await reading("q", configuration) { _ in } }
        }
    }

    @Test("that somebody else reads the queue, takes nothing from him")
    func consumed() async throws {
        try await withFakeBroker([
            { broker in
                broker.queueState = (3, 1)
                try broker.expect(.declare(queue: "q", passive: true), .close)
            }
        ]) { configuration in
            _ = await #expect(throws: QueueReaderError.beingRead) { try await reading("q", configuration) { _ in } }
        }
    }

    @Test("that somebody else began to read at the same time, gives up")
    func race() async throws {
        try await withFakeBroker([
            { broker in
                broker.queueState = (3, 0)
                try broker.expect(.declare(queue: "q", passive: true), .prefetch(10), .consume("q"))
                broker.queueState = (3, 2)
                try broker.expect(.declare(queue: "q", passive: true), .cancel("q"), .close)
                guard broker.closedChannels == [3] else {
                    throw TestSocketError(description: "closed \(broker.closedChannels)")
                }
            }
        ]) { configuration in
            _ = await #expect(throws: QueueReaderError.beingRead) { try await reading("q", configuration) { _ in } }
        }
    }

    @Test("that the queue was deleted, or the connection is gone, fails", arguments: [true, false])
    func lost(isDeleted: Bool) async throws {
        try await withFakeBroker([
            { broker in
                try broker.expectReading("q", holding: 2, prefetch: 10)
                try broker.answerScratchChannelClose()
                try broker.deliver(1)
                if isDeleted {
                    try broker.cancel("q", channel: 3)
                    broker.socket.readToEnd()
                }
            }
        ]) { configuration in
            let error = await #expect(throws: BrokerError.self) {
                try await reading("q", configuration) { reader in
                    for try await batch in reader.elements { for element in batch { reader.leave(element.handle) } }
                }
            }
            if isDeleted { #expect("\(String(describing: error))".contains("deleted")) }
        }
    }
}

private struct ReadMessage: Sendable {
    let position: Int
    let body: [UInt8]
    let handle: Delivery.Handle
}

private func reading<Result>(
    _ queue: String,
    _ configuration: BrokerConfiguration,
    window: UInt16 = 10,
    body: (QueueReader<ReadMessage>) async throws -> Result
) async throws -> Result {
    try await withQueueReader(
        of: queue,
        window: window,
        bodyLimit: 1024,
        configuration: configuration,
        logger: quiet,
        prepare: { ReadMessage(position: $0, body: $1.body, handle: $1.handle) },
        body: body
    )
}

extension FakeSession {
    /// What a reader does first, where there is something to read.
    fileprivate func expectReading(_ queue: String, holding messages: UInt32, prefetch: UInt16) throws {
        self.queueState = (messages, 0)
        try self.expect(.declare(queue: queue, passive: true), .prefetch(prefetch), .consume(queue))
        self.queueState = (0, 1)
        try self.expect(.declare(queue: queue, passive: true))
    }

    fileprivate func deliver(_ tag: UInt64, body: [UInt8] = [], channel: UInt16 = 3) throws {
        try self.deliver(tag, consumer: "q", body: body, channel: channel)
    }

    fileprivate func expectChannel(_ expected: UInt16) throws {
        guard self.channel == expected else {
            throw TestSocketError(description: "on channel \(self.channel), not \(expected)")
        }
    }

    /// Expects acknowledgements before or after the consumer's end, and the end.
    fileprivate func expectSettlement(
        acknowledged expected: Set<UInt64>,
        channels: [UInt16],
        looks: ClosedRange<Int> = 1...1
    ) throws {
        var acknowledged: Set<UInt64> = []
        var isCancelled = false
        while !isCancelled || acknowledged != expected {
            switch try self.next() {
            case .acknowledge(let tag, upTo: false): acknowledged.insert(tag)
            case .cancel: isCancelled = true
            case let other: throw TestSocketError(description: "unexpected: \(other)")
            }
        }
        // So that the queue has the acknowledgements before the channel closes.
        try self.expect(.prefetch(1), .consume("q"), .cancel("q"), .consume("q"), .cancel("q"))
        try self.expectEnd(channels: channels, looks: looks)
    }

    /// Expects the channels' closing, looks at the queue until it is whole, and the end.
    fileprivate func expectEnd(channels: [UInt16], looks: ClosedRange<Int> = 1...1) throws {
        var count = 0
        while case .declare = try self.next() { count += 1 }
        guard self.closedChannels == channels, looks.contains(count) else {
            throw TestSocketError(description: "closed \(self.closedChannels), looked \(count) times")
        }
    }
}
