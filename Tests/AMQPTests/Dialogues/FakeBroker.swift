@testable import AMQP

/// Runs `body` against a broker that takes one connection after the other, each with its script.
///
/// A script begins with its client logged in and its channel open, and its connection is closed when it ends; what it
/// throws, this throws.
func withFakeBroker<Value: Sendable>(
    heartbeat: UInt16 = 60,
    _ scripts: [@Sendable (FakeSession) throws -> Void],
    body: (BrokerConfiguration) async throws -> Value
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
    body: (BrokerConfiguration) async throws -> Value
) async throws -> Value {
    let listener = try TestSocket.listening()
    let configuration = BrokerConfiguration(
        urls: [BrokerURL(host: "127.0.0.1", port: listener.port)],
        connectionName: "test",
        heartbeat: .seconds(60),
        connectTimeout: .seconds(10)
    )
    async let played = onBrokerThread(named: "fake-broker") { () -> (any Error)? in
        do {
            for script in scripts { try script(try listener.accept()) }
            return nil
        } catch {
            // Whoever still wants to connect is told at once.
            listener.shutDown()
            return error
        }
    }
    let value: Value
    do {
        value = try await body(configuration)
    } catch {
        if let failure = try await played { throw failure }
        throw error
    }
    if let failure = try await played { throw failure }
    return value
}
