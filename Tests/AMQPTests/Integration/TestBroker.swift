import AMQP
import Foundation
import Logging

/// The real broker that integration tests use, where the environment names one.
enum TestBroker {
    static let isAvailable = environment["TEST_AMQP_URL"] != nil
    static let hasTLS = environment["TEST_AMQPS_URL"] != nil && environment["TEST_AMQP_TLS_DIR"] != nil

    static func url() throws -> BrokerURL {
        try BrokerURL(parsing: environment["TEST_AMQP_URL"] ?? "")
    }

    static func tlsURL() throws -> BrokerURL {
        try BrokerURL(parsing: environment["TEST_AMQPS_URL"] ?? "")
    }

    /// Where `ca.pem`, `client.pem` and `client.key` are.
    static var tlsDirectory: String { environment["TEST_AMQP_TLS_DIR"] ?? "" }

    static func configuration(_ name: String = #function) throws -> BrokerConfiguration {
        BrokerConfiguration(urls: [try url()], connectionName: name, connectTimeout: .seconds(10))
    }

    /// A name that no other test, and no other run, uses.
    static func uniqueName(_ base: String = "amqp-test") -> String {
        "\(base)-\(UInt64.random(in: .min ... .max))"
    }

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }
}

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Runs `body` beside a publisher, which is stopped after it.
func withPublisher<Value: Sendable>(
    _ configuration: BrokerConfiguration,
    topology: Topology? = nil,
    objectionLimit: Int = 2,
    confirmLimit: Duration = .seconds(30),
    _ body: (ConfirmingPublisher) async throws -> Value
) async throws -> Value {
    let publisher = ConfirmingPublisher(
        configuration: configuration,
        topology: topology,
        objectionLimit: objectionLimit,
        confirmLimit: confirmLimit,
        logger: quiet
    )
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await publisher.run() }
        let value = try await body(publisher)
        group.cancelAll()
        try await group.waitForAll()
        return value
    }
}

/// Runs `body` with a consumer and a stream of what it consumes; the consumer is stopped after it.
func withConsumer<Value: Sendable>(
    _ configuration: BrokerConfiguration,
    queues: [String],
    prefetch: UInt16 = 16,
    bodyLimit: Int = 1 << 20,
    bodyRoom: BodyRoom? = nil,
    topology: Topology? = nil,
    _ body: (Consumer, inout AsyncStream<Delivery>.Iterator) async throws -> Value
) async throws -> Value {
    let consumer = Consumer(
        configuration: configuration,
        queues: queues,
        prefetch: prefetch,
        bodyLimit: bodyLimit,
        bodyRoom: bodyRoom,
        topology: topology,
        logger: quiet
    )
    let (deliveries, continuation) = AsyncStream.makeStream(of: Delivery.self)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await consumer.run { continuation.yield($0) } }
        var iterator = deliveries.makeAsyncIterator()
        let value = try await body(consumer, &iterator)
        consumer.stop()
        try await group.waitForAll()
        return value
    }
}

extension Topology {
    /// A classic queue that the broker deletes after its last consumer; for tests on one connection at a time.
    static func queue(_ name: String, arguments: FieldTable = [:]) -> Topology {
        Topology(queues: [QueueDeclaration(name: name, arguments: arguments)])
    }
}
