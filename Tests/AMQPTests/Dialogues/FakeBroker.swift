import Testing

@testable import AMQP

/// Runs `body` against a broker that takes one connection after the other, each with its script.
///
/// A script begins with its client logged in and its channel open, and its connection is closed when it ends; what it
/// throws, this throws.
func withFakeBroker<Value: Sendable>(
    heartbeat: UInt16 = 60,
    _ scripts: [@Sendable (FakeSession) throws -> Void],
    body: @escaping @Sendable (BrokerConfiguration) async throws -> Value
) async throws -> Value {
    try await withRawFakeBroker(
        scripts.map { script in
            { (socket: TestSocket) in
                let session = FakeSession(socket)
                try session.open(heartbeat: heartbeat)
                try script(session)
            }
        },
        body: body
    )
}

/// The same for scripts that begin with the bare socket.
func withRawFakeBroker<Value: Sendable>(
    _ scripts: [@Sendable (TestSocket) throws -> Void],
    body: @escaping @Sendable (BrokerConfiguration) async throws -> Value
) async throws -> Value {
    let listener = try TestSocket.listening()
    let configuration = BrokerConfiguration(
        urls: [BrokerURL(host: "127.0.0.1", port: listener.port)],
        connectionName: "test",
        heartbeat: .seconds(60),
        connectTimeout: .seconds(10)
    )
    return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask {
            let failure = try await onBrokerThread(named: "fake-broker") { () -> (any Error)? in
                do {
                    for script in scripts { try script(try listener.accept()) }
                    return nil
                } catch {
                    return error
                }
            }
            if let failure { throw failure }
            return nil
        }
        group.addTask { try await body(configuration) }
        var value: Value?
        // A script that fails cancels the body, which may wait for what the script had yet to do.
        while let part = try await group.next() { value = part ?? value }
        return try #require(value)
    }
}
