import CRabbitMQ
import Testing

@testable import AMQP

@Suite("Consuming from a real broker", .enabled(if: TestBroker.isAvailable))
struct ConsumingTests {
    @Test("drains a body over the limit and keeps one at it", arguments: [(999, 999), (1000, 1000), (1001, 0)])
    func bodyLimit(size: Int, kept: Int) async throws {
        let queue = TestBroker.uniqueName()
        let topology = Topology.queue(queue, arguments: ["x-expires": 60_000])
        try await withConsumer(TestBroker.configuration(), queues: [queue], bodyLimit: 1000, topology: topology) {
            consumer,
            deliveries in
            try await withPublisher(TestBroker.configuration(), topology: topology) { publisher in
                var publication = Publication.of(queue)
                publication.body = [UInt8](repeating: 1, count: size)
                _ = try await publisher.publish(publication)
                // Over many frames, and after it one that is whole.
                publication.body = [UInt8](repeating: 1, count: 1_000_000)
                _ = try await publisher.publish(publication)
                try await publisher.expectConfirmed(queue)
            }
            let first = try #require(await deliveries.next())
            #expect(first.body.count == kept)
            #expect(first.bodySize == UInt64(size))
            let second = try #require(await deliveries.next())
            #expect(second.body.isEmpty)
            #expect(second.bodySize == 1_000_000)
            #expect(await deliveries.next()?.bodySize == 0)
        }
    }

    @Test("survives 20,000 nested header tables")
    func nestedHeaders() async throws {
        let queue = TestBroker.uniqueName()
        let topology = Topology.queue(queue, arguments: ["x-expires": 60_000])
        try await withConsumer(TestBroker.configuration(), queues: [queue], topology: topology) {
            consumer,
            deliveries in
            try await eventually { consumer.status == .connected }
            try await TestBroker.withConnection { connection throws(BrokerError) in
                try connection.publishNested(20_000, to: queue)
            }
            let delivery = try #require(await deliveries.next())
            let headers = try #require(delivery.properties.headers)
            #expect(headers.isTruncated)
            #expect(headers.depth == 32)
            consumer.acknowledge(delivery)
        }
        #expect(try await TestBroker.messageCount(queue) == 0)
    }

    @Test("holds no queue up for another whose deliveries hang")
    func prefetchPerQueue() async throws {
        let queues = [TestBroker.uniqueName("hangs"), TestBroker.uniqueName("goes-on")]
        let topology = Topology(queues: queues.map { QueueDeclaration(name: $0, arguments: ["x-expires": 60_000]) })
        try await withConsumer(TestBroker.configuration(), queues: queues, prefetch: 2, topology: topology) {
            consumer,
            deliveries in
            try await withPublisher(TestBroker.configuration(), topology: topology) { publisher in
                for number in 0..<20 {
                    try await publisher.expectConfirmed(queues[number < 5 ? 0 : 1])
                }
            }
            var received: [String: Int] = [:]
            while received[queues[1], default: 0] < 15, let delivery = await deliveries.next() {
                received[delivery.queue, default: 0] += 1
                if delivery.queue == queues[1] { consumer.acknowledge(delivery) }
            }
            #expect(received == [queues[0]: 2, queues[1]: 15])
        }
        #expect(try await TestBroker.messageCount(queues[0]) == 5)
        #expect(try await TestBroker.messageCount(queues[1]) == 0)
    }

    @Test("counts deliveries as the broker does, and dead-letters what is rejected")
    func deliveryCount() async throws {
        let queue = TestBroker.uniqueName()
        let dead = TestBroker.uniqueName("dead")
        let topology = Topology(
            queues: [
                QueueDeclaration(name: dead, arguments: ["x-expires": 60_000]),
                QueueDeclaration(
                    name: queue,
                    arguments: [
                        "x-queue-type": "quorum", "x-expires": 60_000, "x-dead-letter-exchange": "",
                        "x-dead-letter-routing-key": .string(AMQPString(dead)),
                    ]
                ),
            ]
        )
        try await withConsumer(TestBroker.configuration(), queues: [queue, dead], topology: topology) {
            consumer,
            deliveries in
            try await withPublisher(TestBroker.configuration(), topology: topology) { publisher in
                try await publisher.expectConfirmed(queue)
            }
            for count in 0..<3 {
                let delivery = try #require(await deliveries.next())
                #expect(delivery.queue == queue)
                #expect(delivery.deliveryCount == count)
                if count < 2 { consumer.release(delivery) } else { consumer.reject(delivery) }
            }
            let letter = try #require(await deliveries.next())
            #expect(letter.queue == dead)
            consumer.acknowledge(letter)
        }
        #expect(try await TestBroker.messageCount(dead) == 0)
    }

    @Test("stops without losing an acknowledgement, and leaves the rest in the queue")
    func stop() async throws {
        let queue = TestBroker.uniqueName()
        let topology = Topology.queue(queue, arguments: ["x-queue-type": "quorum", "x-expires": 60_000])
        try await withPublisher(TestBroker.configuration(), topology: topology) { publisher in
            for _ in 0..<200 { try await publisher.expectConfirmed(queue) }
        }
        var handled = 0
        let raised = Counter()
        while handled < 200 {
            let counter = Counter()
            let limit = min(20, 200 - handled)
            let consumer = Consumer.of(queue, try TestBroker.configuration())
            try await consumer.run { delivery in
                if delivery.deliveryCount > 0 { raised.add() }
                consumer.acknowledge(delivery)
                if counter.add() == limit { consumer.stop() }
            }
            #expect(counter.value >= limit)
            handled += counter.value
        }
        // Five stops amid traffic; a cancel without holding back acknowledgements first raises some 15 each.
        #expect(raised.value <= 10)
        #expect(handled == 200)
        #expect(try await TestBroker.messageCount(queue) == 0)
    }

    @Test("takes single messages while it is paused, and says when a queue is empty or missing")
    func takeSingly() async throws {
        let queues = (0..<3).map { TestBroker.uniqueName("queue-\($0)") }
        let topology = Topology(
            queues: queues.map {
                QueueDeclaration(name: $0, arguments: ["x-queue-type": "quorum", "x-expires": 60_000])
            }
        )
        try await withConsumer(TestBroker.configuration(), queues: queues, topology: topology) { consumer, deliveries in
            try await eventually { consumer.status == .connected }
            consumer.pause()
            while try await TestBroker.consumerCount(queues[2]) > 0 {}
            try await withPublisher(TestBroker.configuration()) { publisher in
                for queue in [queues[0], queues[2], queues[0]] { try await publisher.expectConfirmed(queue) }
            }
            for (queue, left) in [(queues[0], 1), (queues[2], 0), (queues[0], 0)] as [(String, UInt32)] {
                let taken = try #require(await consumer.take(from: queue))
                let delivery = try #require(await deliveries.next())
                #expect(delivery.queue == queue)
                #expect(taken.delivery.tag == delivery.tag)
                consumer.acknowledge(delivery)
                await taken.waitUntilHandled()
                #expect(try await TestBroker.messageCount(queue) == left)
            }
            for queue in queues + ["no-such-queue"] { #expect(await consumer.take(from: queue) == nil) }
            #expect(consumer.reconnections == 0)
            try await withPublisher(TestBroker.configuration()) { publisher in
                try await publisher.expectConfirmed(queues[1])
            }
            consumer.resume()
            consumer.acknowledge(try #require(await deliveries.next()))
        }
        #expect(try await TestBroker.messageCount(queues[1]) == 0)
    }

    @Test("pauses and resumes")
    func pause() async throws {
        let queue = TestBroker.uniqueName()
        let topology = Topology.queue(queue, arguments: ["x-expires": 60_000])
        try await withConsumer(TestBroker.configuration(), queues: [queue], topology: topology) {
            consumer,
            deliveries in
            try await withPublisher(TestBroker.configuration(), topology: topology) { publisher in
                try await publisher.expectConfirmed(queue)
                consumer.acknowledge(try #require(await deliveries.next()))
                consumer.pause()
                while try await TestBroker.consumerCount(queue) > 0 {}
                for _ in 0..<3 { try await publisher.expectConfirmed(queue) }
                #expect(try await TestBroker.messageCount(queue) == 3)
                consumer.resume()
                for _ in 0..<3 { consumer.acknowledge(try #require(await deliveries.next())) }
            }
        }
        #expect(try await TestBroker.messageCount(queue) == 0)
    }
}
