import Testing

@testable import AMQP

@Suite("A consumer, told by the broker")
struct ConsumerDialogueTests {
    @Test("of deliveries, acknowledges, rejects and releases them")
    func settlements() async throws {
        try await withFakeBroker([
            { broker in
                try broker.expectOpening(["q"], prefetch: 16)
                for tag in 1...4 as ClosedRange<UInt64> { try broker.deliver(tag, consumer: "q", body: [UInt8(tag)]) }
                try broker.expectStop(["q"], settled: [1: "ack", 2: "reject", 3: "ack", 4: "requeue"])
            }
        ]) { configuration in
            try await withConsumer(configuration, queues: ["q"]) { consumer, deliveries in
                var received: [Delivery] = []
                while received.count < 4, let delivery = await deliveries.next() { received.append(delivery) }
                received.sort { $0.body[0] < $1.body[0] }
                #expect(received.map(\.body) == [[1], [2], [3], [4]])
                #expect(received.allSatisfy { $0.queue == "q" && $0.routingKey == "key" })
                // Out of order, so that none is acknowledged for another.
                consumer.acknowledge(received[2])
                consumer.release(received[3])
                consumer.reject(received[1])
                consumer.acknowledge(received[0])
                consumer.acknowledge(received[0])
            }
        }
    }

    @Test("of large bodies, holds as many as there is room for until they are settled")
    func bodyRoom() async throws {
        try await withFakeBroker([
            { broker in
                try broker.expectOpening(["q"], prefetch: 16)
                let large = [UInt8](repeating: 1, count: 80)
                try broker.deliver(1, consumer: "q", body: large)
                try broker.deliver(2, consumer: "q", body: large)
                try broker.deliver(3, consumer: "q", body: [1])
                guard case .acknowledge(1, upTo: _) = try broker.next() else {
                    throw TestSocketError(description: "the first is not acknowledged")
                }
                try broker.deliver(4, consumer: "q", body: large)
                try broker.expectStop(["q"], settled: [2: "reject", 3: "ack", 4: "ack"])
            }
        ]) { configuration in
            let room = BodyRoom(forBodiesOver: 10, bytes: 100)
            try await withConsumer(configuration, queues: ["q"], bodyRoom: room) { consumer, deliveries in
                var received: [Delivery] = []
                while received.count < 3, let delivery = await deliveries.next() { received.append(delivery) }
                received.sort { $0.tag.value < $1.tag.value }
                #expect(received.map(\.body.count) == [80, 0, 1])
                #expect(received.map(\.bodySize) == [80, 80, 1])
                consumer.acknowledge(received[0])
                let last = try #require(await deliveries.next())
                #expect(last.body.count == 80)
                consumer.reject(received[1])
                consumer.acknowledge(received[2])
                consumer.acknowledge(last)
            }
        }
    }

    @Test("that a queue is gone, declares it again and consumes it, while the other queue goes on")
    func serverCancel() async throws {
        let topology = Topology.queue("q")
        try await withFakeBroker([
            { broker in
                try broker.expect(.declare(queue: "q", passive: false))
                try broker.expectOpening(["q", "r"], prefetch: 16)
                try broker.cancel("q")
                try broker.expect(
                    .declare(queue: "q", passive: false),
                    .declare(queue: "q", passive: true),
                    .consume("q")
                )
                try broker.deliver(1, consumer: "q")
                try broker.expectStop(["q", "r"], settled: [1: "ack"])
            }
        ]) { configuration in
            try await withConsumer(configuration, queues: ["q", "r"], topology: topology) { consumer, deliveries in
                consumer.acknowledge(try #require(await deliveries.next()))
                #expect(consumer.reconnections == 0)
            }
        }
    }

    @Test("that a queue does not exist, consumes the others and looks again")
    func missingQueue() async throws {
        let (isKnown, tell) = AsyncStream.makeStream(of: Void.self)
        try await withFakeBroker([
            { broker in
                try broker.expect(.prefetch(16))
                broker.missingQueues = ["q"]
                try broker.expect(.declare(queue: "q", passive: true))
                try broker.expect(.declare(queue: "r", passive: true), .consume("r"))
                waitForEnd(of: isKnown)
                broker.missingQueues = []
                try broker.expect(.declare(queue: "q", passive: true), .consume("q"))
                try broker.deliver(1, consumer: "q")
                try broker.expectStop(["q", "r"])
            }
        ]) { configuration in
            try await withConsumer(configuration, queues: ["q", "r"]) { consumer, deliveries in
                try await eventually { consumer.status == .waitingForQueues(["q"]) }
                tell.finish()
                #expect(await deliveries.next()?.queue == "q")
                try await eventually { consumer.status == .connected }
            }
        }
    }

    @Test("to pause and to resume, cancels its consumers and makes them again; what comes late is still handled")
    func pause() async throws {
        try await withFakeBroker([
            { broker in
                broker.answersCancel = false
                try broker.expectOpening(["q"], prefetch: 16)
                try broker.expect(.cancel("q"))
                try broker.deliver(1, consumer: "q")
                try broker.cancelled("q")
                broker.answersCancel = true
                try broker.expect(.acknowledge(1, upTo: false))
                try broker.expect(.declare(queue: "q", passive: true), .consume("q"))
                try broker.deliver(2, consumer: "q")
                try broker.expectStop(["q"], settled: [2: "ack"])
            }
        ]) { configuration in
            try await withConsumer(configuration, queues: ["q"]) { consumer, deliveries in
                try await eventually { consumer.status == .connected }
                consumer.pause()
                consumer.acknowledge(try #require(await deliveries.next()))
                consumer.resume()
                consumer.acknowledge(try #require(await deliveries.next()))
            }
        }
    }

    @Test("to stop, handles what the broker had sent, acknowledges it and says good-bye")
    func stop() async throws {
        let (mayEnd, end) = AsyncStream.makeStream(of: Void.self)
        let (isHandling, tell) = AsyncStream.makeStream(of: Void.self)
        try await withFakeBroker([
            { broker in
                broker.answersCancel = false
                try broker.expectOpening(["q"], prefetch: 16)
                try broker.deliver(1, consumer: "q")
                try broker.expect(.cancel("q"))
                try broker.deliver(2, consumer: "q")
                try broker.cancelled("q")
                try broker.expectStop([], settled: [1: "ack", 2: "ack"])
            }
        ]) { configuration in
            let consumer = Consumer.of("q", configuration)
            async let run: Void = consumer.run { delivery in
                tell.yield()
                for await _ in mayEnd {}
                consumer.acknowledge(delivery)
            }
            var handling = isHandling.makeAsyncIterator()
            await handling.next()
            consumer.stop()
            await handling.next()
            end.finish()
            try await run
            #expect(consumer.status == .stopped)
        }
    }

    @Test("of the connection's end, consumes again, and says nothing of the deliveries before")
    func lost() async throws {
        let (haveArrived, tell) = AsyncStream.makeStream(of: Void.self)
        try await withFakeBroker([
            { broker in
                try broker.expectOpening(["q"], prefetch: 16)
                try broker.deliver(1, consumer: "q", body: [1])
                try broker.deliver(2, consumer: "q", body: [2])
                waitForEnd(of: haveArrived)
            },
            { broker in
                try broker.expectOpening(["q"], prefetch: 16)
                try broker.deliver(1, consumer: "q", body: [3])
                try broker.deliver(2, consumer: "q", body: [4])
                try broker.expectStop(["q"], settled: [2: "ack"])
            },
        ]) { configuration in
            try await withConsumer(configuration, queues: ["q"]) { consumer, deliveries in
                var received: [[UInt8]: Delivery] = [:]
                while received.count < 4, let delivery = await deliveries.next() {
                    received[delivery.body] = delivery
                    if received.count == 2 { tell.finish() }
                }
                consumer.acknowledge(try #require(received[[1]]))
                consumer.reject(try #require(received[[2]]))
                consumer.acknowledge(try #require(received[[4]]))
            }
        }
    }

    @Test("nothing at all while its task is cancelled in the middle of a handler, comes to an end")
    func cancelled() async throws {
        let (isHandling, tell) = AsyncStream.makeStream(of: Void.self)
        try await withFakeBroker([
            { broker in
                try broker.expectOpening(["q"], prefetch: 16)
                try broker.deliver(1, consumer: "q")
                // With or without cancelling the consumer before.
                while try broker.next() != .close {}
            }
        ]) { configuration in
            let consumer = Consumer.of("q", configuration)
            let run = Task {
                try await consumer.run { _ in
                    tell.finish()
                    let (never, _) = AsyncStream.makeStream(of: Void.self)
                    for await _ in never {}
                }
            }
            for await _ in isHandling {}
            run.cancel()
            try await run.value
        }
    }

    @Test("to stop while a message of its own was asked for, waits for the answer")
    func stopWhileAsked() async throws {
        let (isAsked, tell) = AsyncStream.makeStream(of: Void.self)
        let (mayAnswer, answer) = AsyncStream.makeStream(of: Void.self)
        try await withFakeBroker([
            { broker in
                try broker.expect(.prefetch(16), .declare(queue: "q", passive: true), .get(queue: "q"))
                tell.finish()
                waitForEnd(of: mayAnswer)
                try broker.nothingToGet()
                try broker.expect(.close)
            }
        ]) { configuration in
            let consumer = Consumer.of("q", configuration, startsPaused: true)
            async let run: Void = consumer.run { _ in }
            async let taken = consumer.take(from: "q")
            for await _ in isAsked {}
            consumer.stop()
            answer.finish()
            #expect(await taken == nil)
            try await run
        }
    }

    @Test("to stop while there is no broker, stops")
    func stopWithoutBroker() async throws {
        let port = try TestSocket.listening().port
        let configuration = BrokerConfiguration(
            urls: [BrokerURL(host: "127.0.0.1", port: port)],
            connectionName: "test"
        )
        let consumer = Consumer.of("q", configuration)
        async let run: Void = consumer.run { _ in }
        try await eventually { consumer.status == .disconnected(reason: "unreachable") }
        consumer.stop()
        try await run
    }
}

extension Consumer {
    static func of(_ queue: String, _ configuration: BrokerConfiguration, startsPaused: Bool = false) -> Consumer {
        Consumer(
            configuration: configuration,
            queues: [queue],
            prefetch: 16,
            bodyLimit: 1024,
            topology: nil,
            startsPaused: startsPaused,
            logger: quiet
        )
    }
}

extension FakeSession {
    /// What a consumer does first.
    func expectOpening(_ queues: [String], prefetch: UInt16) throws {
        try self.expect(.prefetch(prefetch))
        for queue in queues { try self.expect(.declare(queue: queue, passive: true), .consume(queue)) }
    }

    /// Expects a consumer's end, with these deliveries settled before, in whatever order and grouping it says so.
    func expectStop(_ queues: [String], settled expected: [UInt64: String] = [:]) throws {
        var settled: [UInt64: String] = [:]
        var cancelled: [String] = []
        while true {
            let action = try self.next()
            switch action {
            case .acknowledge(let last, upTo: true):
                for tag in expected.keys where tag <= last && settled[tag] == nil { settled[tag] = "ack" }
            case .acknowledge(let tag, upTo: false): settled[tag] = "ack"
            case .reject(let tag, let requeue): settled[tag] = requeue ? "requeue" : "reject"
            case .cancel(let queue): cancelled.append(queue)
            case .close:
                guard settled == expected, cancelled == queues else {
                    throw TestSocketError(description: "settled \(settled), cancelled \(cancelled)")
                }
                return
            default: throw TestSocketError(description: "unexpected: \(action)")
            }
        }
    }
}
