import Testing

@testable import AMQP

@Suite("Direct reply-to on a real broker", .enabled(if: TestBroker.isAvailable))
struct DirectReplyTests {
    @Test("brings each request its own answer")
    func answers() async throws {
        let queue = TestBroker.uniqueName()
        let topology = Topology.queue(queue, arguments: ["x-expires": 60_000])
        try await withPublisher(TestBroker.configuration(), topology: topology) { publisher in
            let consumer = Consumer(
                configuration: try TestBroker.configuration(),
                queues: [queue],
                prefetch: 10,
                bodyLimit: 100,
                topology: topology,
                logger: quiet
            )
            async let served: Void = consumer.run { delivery in
                await answer(delivery, by: publisher)
                consumer.acknowledge(delivery)
            }
            try await eventually { consumer.status == .connected }
            try await withDirectReplyClient(configuration: try TestBroker.configuration(), logger: quiet) { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<50 as Range<UInt8> {
                        group.addTask {
                            var request = Publication.of(queue)
                            request.body = [number]
                            if number.isMultiple(of: 2) {
                                request.properties.correlationID = AMQPString("id-\(number)")
                            }
                            let reply = try await client.request(request, timeout: .seconds(20))
                            #expect(reply.body == [number, number])
                        }
                    }
                    try await group.waitForAll()
                }
            }
            consumer.stop()
            try await served
        }
    }

    @Test("says that there is no such queue, that no answer came, that a name is too long")
    func failures() async throws {
        let queue = TestBroker.uniqueName()
        try await declare(
            .queue(queue, arguments: ["x-expires": 60_000]),
            configuration: TestBroker.configuration(),
            logger: quiet
        )
        try await withDirectReplyClient(configuration: try TestBroker.configuration(), logger: quiet) { client in
            await #expect(throws: DirectReplyError.returned(code: 312, text: "NO_ROUTE")) {
                try await client.request(.of(TestBroker.uniqueName("missing")), timeout: .seconds(20))
            }
            await #expect(throws: DirectReplyError.timedOut) {
                try await client.request(.of(queue), timeout: .milliseconds(50))
            }
            await #expect(throws: DirectReplyError.tooLarge("routing key")) {
                try await client.request(.of(String(repeating: "k", count: 256)), timeout: .seconds(20))
            }
            let given = Task { try await client.request(.of(queue), timeout: .seconds(20)) }
            given.cancel()
            await #expect(throws: DirectReplyError.cancelled) { try await given.value }
        }
    }

    @Test("ends with its connection")
    func lost() async throws {
        let queue = TestBroker.uniqueName()
        try await declare(
            .queue(queue, arguments: ["x-expires": 60_000]),
            configuration: TestBroker.configuration(),
            logger: quiet
        )
        try await CuttingProxy.with(target: TestBroker.url().port) { proxy in
            let configuration = try TestBroker.configuration().through(proxy)
            try await withDirectReplyClient(configuration: configuration, logger: quiet) { client in
                async let pending = client.request(.of(queue), timeout: .seconds(20))
                while try await TestBroker.messageCount(queue) == 0 {}
                proxy.cut()
                let error = await #expect(throws: DirectReplyError.self) {
                    try await client.request(.of(queue), timeout: .seconds(20))
                }
                #expect(error?.isClosed == true)
                _ = try? await pending
            }
        }
    }

    @Test("tells why there is no connection")
    func noConnection() async throws {
        var configuration = try TestBroker.configuration()
        configuration.urls[0].password = "wrong"
        let error = await #expect(throws: BrokerError.self) {
            try await withDirectReplyClient(configuration: configuration, logger: quiet) { _ in }
        }
        #expect(error?.isPermanent == true)
    }
}

extension DirectReplyError {
    var isClosed: Bool {
        if case .closed = self { true } else { false }
    }
}

/// Sends the body twice to who asked.
private func answer(_ request: Delivery, by publisher: ConfirmingPublisher) async {
    var properties = MessageProperties()
    properties.correlationID = request.properties.correlationID
    let reply = Publication(
        exchange: "",
        routingKey: request.properties.replyTo ?? "",
        properties: properties,
        body: request.body + request.body,
        isMandatory: false
    )
    await #expect(throws: Never.self) { try await publisher.publish(reply) }
}
