import Testing

@testable import AMQP

/// No URL ends a connection's life before it has a thread, as the want of a thread does.
@Suite("A connection that never gets a thread", .timeLimit(.minutes(1)))
struct NoThreadTests {
    private let configuration = BrokerConfiguration(urls: [], connectionName: "test")

    @Test("ends its consumer, and what waits for a message of its own gets none")
    func consumer() async {
        let consumer = Consumer.of("q", self.configuration)
        async let early = consumer.take(from: "q")
        await #expect(throws: BrokerError.self) { try await consumer.run { _ in } }
        #expect(await early == nil)
        #expect(await consumer.take(from: "q") == nil)
        #expect(consumer.status == .stopped)
    }

    @Test("ends its publisher, and every publication")
    func publisher() async throws {
        let publisher = ConfirmingPublisher(configuration: self.configuration, topology: nil, logger: quiet)
        async let early = publisher.publishAll(["early"])
        await #expect(throws: BrokerError.self) { try await publisher.run() }
        await #expect(throws: PublishError.stopped) { try await publisher.publish(.of("late")) }
        #expect(try await early == [.failure(.stopped)])
    }
}
