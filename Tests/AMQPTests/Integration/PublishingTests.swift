import AMQP
import Testing

@Suite("Publishing to a real broker", .enabled(if: TestBroker.isAvailable))
struct PublishingTests {
    @Test("is confirmed, and what is consumed is what was published")
    func roundTrip() async throws {
        let queue = TestBroker.uniqueName()
        let topology = Topology.queue(queue, arguments: ["x-expires": 60_000])
        var properties = MessageProperties()
        properties.contentType = "application/json"
        properties.contentEncoding = "identity"
        properties.headers = [
            "bool": true, "int8": .int8(-8), "uint8": .uint8(8), "int16": .int16(-16), "uint16": .uint16(16),
            "int32": .int32(-32), "uint32": .uint32(32), "int64": .int64(-64),
            "float": .float(1.5), "double": .double(-2.5), "decimal": .decimal(scale: 2, value: 314),
            "string": "täxt", "bytes": .bytes([0, 255, 1]), "array": .array([1, "two", .array([])]),
            "table": .table(["inner": .table([:])]), "time": .timestamp(1_700_000_000), "void": .void,
        ]
        properties.deliveryMode = 2
        properties.priority = 3
        properties.correlationID = AMQPString(bytes: [0xff, 0xfe, 0])
        properties.replyTo = "somewhere"
        properties.messageID = "message-1"
        properties.timestamp = 1_700_000_001
        properties.type = "test"
        properties.userID = AMQPString(try TestBroker.url().user)
        properties.appID = "tests"
        let sent = Publication(exchange: "", routingKey: AMQPString(queue), properties: properties, body: [1, 2, 3])
        try await withPublisher(TestBroker.configuration(), topology: topology) { publisher in
            let outcome = try await publisher.publish(sent)
            #expect(outcome == .confirmed)
        }
        try await withConsumer(TestBroker.configuration(), queues: [queue]) { consumer, deliveries in
            let delivery = try #require(await deliveries.next())
            #expect(delivery.queue == queue)
            #expect(delivery.routingKey == AMQPString(queue))
            #expect(delivery.exchange == "")
            #expect(delivery.body == [1, 2, 3])
            #expect(delivery.bodySize == 3)
            #expect(delivery.deliveryCount == 0)
            #expect(!delivery.isRedelivered)
            #expect(delivery.properties == properties)
            consumer.acknowledge(delivery)
        }
    }

    @Test("says which of many publications no queue took")
    func returned() async throws {
        let queue = TestBroker.uniqueName()
        let missing = TestBroker.uniqueName("missing")
        let topology = Topology.queue(queue, arguments: ["x-expires": 60_000])
        try await withPublisher(TestBroker.configuration(), topology: topology) { publisher in
            try await withThrowingTaskGroup(of: (Int, PublishOutcome).self) { group in
                for index in 0..<300 {
                    group.addTask {
                        // No message ids, and each body twice.
                        let key = AMQPString(index % 3 == 0 ? missing : queue)
                        let publication = Publication(exchange: "", routingKey: key, body: [UInt8(index / 6)])
                        return (index, try await publisher.publish(publication))
                    }
                }
                for try await (index, outcome) in group {
                    #expect(outcome == (index % 3 == 0 ? .returned(code: 312, text: "NO_ROUTE") : .confirmed))
                }
            }
        }
    }
}
