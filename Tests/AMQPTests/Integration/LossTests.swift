import Synchronization
import Testing

@testable import AMQP

@Suite("Connections that are lost", .enabled(if: TestBroker.isAvailable))
struct LossTests {
    @Test("lose no publication and no delivery, and leave the queue empty")
    func cutAgainAndAgain() async throws {
        let queue = TestBroker.uniqueName()
        let topology = Topology.queue(queue, arguments: ["x-queue-type": "quorum", "x-expires": 120_000])
        let count = 400
        try await CuttingProxy.with(target: TestBroker.url().port) { proxy in
            let configuration = try TestBroker.configuration().through(proxy)
            try await withConsumer(configuration, queues: [queue], topology: topology) { consumer, deliveries in
                try await withPublisher(configuration, topology: topology) { publisher in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for number in 0..<count {
                            group.addTask {
                                var publication = Publication.of(queue)
                                publication.properties.messageID = AMQPString("\(number)")
                                publication.properties.deliveryMode = 2
                                publication.body = [UInt8](repeating: 1, count: 1000)
                                let outcome = try await publisher.publish(publication)
                                #expect(outcome == .confirmed)
                            }
                        }
                        var seen: Set<String> = []
                        var sinceCut = 0
                        while seen.count < count, let delivery = await deliveries.next() {
                            seen.insert(delivery.properties.messageID?.text ?? "")
                            consumer.acknowledge(delivery)
                            sinceCut += 1
                            if sinceCut == 60 {
                                sinceCut = 0
                                proxy.cut()
                            }
                        }
                        try await group.waitForAll()
                    }
                    #expect(publisher.reconnections > 0)
                }
                #expect(consumer.reconnections > 0)
                // Publications sent twice, and deliveries whose acknowledgement was lost, come again.
                try await drain(queue, consumer, &deliveries)
            }
        }
        #expect(try await TestBroker.messageCount(queue) == 0)
    }

    @Test("are made to the next URL, topology and consumers included")
    func deadURL() async throws {
        let queue = TestBroker.uniqueName()
        let topology = Topology.queue(queue, arguments: ["x-expires": 60_000])
        var configuration = try TestBroker.configuration()
        configuration.urls.insert(BrokerURL(host: "127.0.0.1", port: try TestSocket.listening().port), at: 0)
        try await withConsumer(configuration, queues: [queue], topology: topology) { consumer, deliveries in
            try await withPublisher(configuration) { publisher in
                try await eventually { consumer.status == .connected }
                try await publisher.expectConfirmed(queue)
            }
            consumer.acknowledge(try #require(await deliveries.next()))
        }
    }

    @Test("of a deleted queue: it is declared and consumed again on the same connection")
    func deletedQueue() async throws {
        let queue = TestBroker.uniqueName()
        let topology = Topology.queue(queue, arguments: ["x-expires": 60_000])
        try await withConsumer(TestBroker.configuration(), queues: [queue], topology: topology) {
            consumer,
            deliveries in
            try await withPublisher(TestBroker.configuration()) { publisher in
                try await eventually { consumer.status == .connected }
                try await publisher.expectConfirmed(queue)
                consumer.acknowledge(try #require(await deliveries.next()))
                try await TestBroker.delete(queue)
                var outcome = PublishOutcome.returned(code: 312, text: "NO_ROUTE")
                while outcome != .confirmed { outcome = try await publisher.publish(.of(queue)) }
                consumer.acknowledge(try #require(await deliveries.next()))
                #expect(consumer.reconnections == 0)
            }
        }
    }

    @Test("by the broker's objection to a crafted reply name cost nobody else's reply")
    func craftedReplyName() async throws {
        let crafted = ["amq.rabbitmq.reply-to.x", "amq.rabbitmq.reply-to.g2dkAAAAAAAA.zzz", "amq.rabbitmq.reply-to."]
        let queue = TestBroker.uniqueName()
        let topology = Topology.queue(queue, arguments: ["x-expires": 60_000])
        try await withPublisher(TestBroker.configuration(), topology: topology) { publisher in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        var publication = Publication.of(queue)
                        publication.isMandatory = false
                        guard number % 20 == 7 else {
                            let outcome = try await publisher.publish(publication)
                            #expect(outcome == .confirmed)
                            return
                        }
                        publication.routingKey = AMQPString(crafted[number / 20])
                        do {
                            let outcome = try await publisher.publish(publication)
                            #expect(outcome == .confirmed)
                        } catch PublishError.refused(let code, _) {
                            #expect(code == 541)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}

/// Acknowledges what is left, until the queue says it has nothing.
private func drain(
    _ queue: String,
    _ consumer: Consumer,
    _ deliveries: inout AsyncStream<Delivery>.Iterator
) async throws {
    // A last message behind all others: what comes before it has been delivered by then.
    try await withPublisher(TestBroker.configuration()) { publisher in
        var last = Publication.of(queue)
        last.properties.messageID = "last"
        _ = try await publisher.publish(last)
    }
    while let delivery = await deliveries.next() {
        consumer.acknowledge(delivery)
        if delivery.properties.messageID == "last" { return }
    }
}

extension BrokerConfiguration {
    func through(_ proxy: CuttingProxy) -> BrokerConfiguration {
        var copy = self
        for index in copy.urls.indices {
            copy.urls[index].host = "127.0.0.1"
            copy.urls[index].port = proxy.port
        }
        return copy
    }
}
