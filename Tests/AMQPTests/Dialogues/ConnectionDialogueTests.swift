import Testing

@testable import AMQP

@Suite("A connection to a peer that misbehaves")
struct ConnectionDialogueTests {
    @Test("is made again where the peer falls silent")
    func silence() async throws {
        try await withFakeBroker(
            heartbeat: 1,
            [
                { broker in
                    try broker.expect(.publish(key: "a", bodySize: 0))
                    // Its heartbeats are read, and none is sent.
                    broker.socket.readToEnd()
                },
                { broker in
                    try broker.expect(.publish(key: "a", bodySize: 0))
                    try broker.confirm(1)
                    try broker.expect(.close)
                },
            ]
        ) { configuration in
            try await withPublisher(configuration.with(heartbeat: 1)) { publisher in
                let start = ContinuousClock.now
                try await publisher.expectConfirmed("a")
                let passed = start.duration(to: .now)
                #expect(passed > .seconds(1.5) && passed < .seconds(10), "after two heartbeats: \(passed)")
            }
        }
    }

    @Test("is made again where the peer reads nothing in the middle of a large message")
    func stuck() async throws {
        let (isOver, end) = AsyncStream.makeStream(of: Void.self)
        try await withFakeBroker(
            heartbeat: 1,
            [
                // Reads nothing, and keeps the socket open.
                { broker in
                    try broker.answerConfirmSelect()
                    waitForEnd(of: isOver)
                }
            ]
        ) { configuration in
            let publisher = ConfirmingPublisher(
                configuration: configuration.with(heartbeat: 1),
                topology: nil,
                logger: quiet
            )
            let run = Task { try await publisher.run() }
            let start = ContinuousClock.now
            let body = [UInt8](repeating: 1, count: 32 << 20)
            let publication = Publication(exchange: "", routingKey: "a", body: body)
            let publish = Task { try await publisher.publish(publication) }
            try await eventually {
                if case .disconnected = publisher.status { true } else { false }
            }
            #expect(start.duration(to: .now) < .seconds(9), "long before an answer would be given up")
            publish.cancel()
            run.cancel()
            end.finish()
            await #expect(throws: PublishError.cancelled) { try await publish.value }
            try await run.value
        }
    }

    @Test("stays up while idle, by heartbeats")
    func heartbeats() async throws {
        let (haveBeaten, tell) = AsyncStream.makeStream(of: Void.self)
        try await withFakeBroker(
            heartbeat: 1,
            [
                { broker in
                    try broker.answerConfirmSelect()
                    // One a second: longer than a silent peer would be borne.
                    for _ in 0..<4 {
                        let frame = try broker.socket.read(8)
                        guard frame == [8, 0, 0, 0, 0, 0, 0, 0xce] else {
                            throw TestSocketError(description: "not a heartbeat: \(frame)")
                        }
                        try broker.sendFrame(8, 0, [])
                    }
                    tell.finish()
                    try broker.expect(.publish(key: "a", bodySize: 0))
                    try broker.confirm(1)
                    try broker.expect(.close)
                }
            ]
        ) { configuration in
            try await withPublisher(configuration.with(heartbeat: 1)) { publisher in
                for await _ in haveBeaten {}
                try await publisher.expectConfirmed("a")
                #expect(publisher.reconnections == 0)
            }
        }
    }

    @Test(
        "is made again after what is no AMQP",
        arguments: [
            [1, 0, 1, 0, 0, 0, 4, 0, 99, 0, 99, 0xce],  // no such method
            [1, 0, 1, 0, 0, 0, 4, 0, 60, 0, 80, 0xce],  // a confirm cut short
            [1, 0, 1, 0, 0, 0, 0, 0],  // no end of frame
            [2, 0, 1, 0, 0, 0, 14, 0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0xce],  // a header of no message
            [3, 0, 1, 0, 0, 0, 1, 7, 0xce],  // a body of no message
            [1, 0, 1, 0xff, 0xff, 0xff, 0xff],  // a frame of 4 GiB
        ] as [[UInt8]]
    )
    func garbage(bytes: [UInt8]) async throws {
        try await withFakeBroker([
            { broker in
                try broker.expect(.publish(key: "a", bodySize: 0))
                try broker.socket.write(bytes)
                broker.socket.readToEnd()
            },
            { broker in
                try broker.expect(.publish(key: "a", bodySize: 0))
                try broker.confirm(1)
                try broker.expect(.close)
            },
        ]) { configuration in
            try await withPublisher(configuration) { publisher in
                try await publisher.expectConfirmed("a")
                #expect(publisher.reconnections == 1)
            }
        }
    }

    @Test("is given up at once where the peer refuses login or virtual host", arguments: [403, 530] as [UInt16])
    func refused(code: UInt16) async throws {
        try await withRawFakeBroker([
            { socket in
                let broker = FakeSession(socket)
                _ = try socket.read(8)
                try broker.start()
                try broker.closeConnection(code, "no")
                socket.readToEnd()
            }
        ]) { configuration in
            let publisher = ConfirmingPublisher(configuration: configuration, topology: nil, logger: quiet)
            let error = await #expect(throws: BrokerError.self) { try await publisher.run() }
            #expect(error?.reason == (code == 403 ? .loginRefused("no") : .virtualHostRefused("no")))
            #expect(error?.isPermanent == true)
            await #expect(throws: PublishError.stopped) { try await publisher.publish(.of("a")) }
        }
    }

    @Test("is made again where the peer hangs up in the middle of the hand-shake")
    func hangUp() async throws {
        try await withRawFakeBroker([
            { socket in _ = try socket.read(8) },
            { socket in
                _ = try socket.read(8)
                try FakeSession(socket).start()
            },
            { socket in
                let broker = FakeSession(socket)
                try broker.open()
                try broker.expect(.publish(key: "a", bodySize: 0))
                try broker.confirm(1)
                try broker.expect(.close)
            },
        ]) { configuration in
            try await withPublisher(configuration) { publisher in
                try await publisher.expectConfirmed("a")
            }
        }
    }

    @Test("is given up in the middle of the hand-shake where its owner stops", arguments: [true, false])
    func stoppedWhileOpening(isConsumer: Bool) async throws {
        let (isConnecting, tell) = AsyncStream.makeStream(of: Void.self)
        try await withRawFakeBroker([
            { socket in
                _ = try socket.read(8)
                tell.finish()
                socket.readToEnd()
            }
        ]) { configuration in
            let start = ContinuousClock.now
            if isConsumer {
                let consumer = Consumer.of("q", configuration)
                async let run: Void = consumer.run { _ in }
                for await _ in isConnecting {}
                consumer.stop()
                try await run
            } else {
                let publisher = ConfirmingPublisher(configuration: configuration, topology: nil, logger: quiet)
                let run = Task { try await publisher.run() }
                for await _ in isConnecting {}
                run.cancel()
                try await run.value
            }
            #expect(start.duration(to: .now) < .seconds(8), "before the broker's time to answer is over")
        }
    }

    @Test("is made to the next URL where the first is dead, and says what it can do")
    func secondURL() async throws {
        let deadPort = try TestSocket.listening().port
        try await withFakeBroker([
            { broker in
                let properties = String(decoding: broker.clientProperties, as: UTF8.self)
                for capability in ["consumer_cancel_notify", "connection.blocked", "publisher_confirms", "basic.nack"] {
                    guard properties.contains(capability) else {
                        throw TestSocketError(description: "no \(capability)")
                    }
                }
                guard properties.contains("test") else { throw TestSocketError(description: "no name") }
                try broker.expect(.publish(key: "a", bodySize: 0))
                try broker.confirm(1)
                try broker.expect(.close)
            }
        ]) { configuration in
            var configuration = configuration
            configuration.urls.insert(BrokerURL(host: "127.0.0.1", port: deadPort), at: 0)
            try await withPublisher(configuration) { publisher in
                try await publisher.expectConfirmed("a")
            }
        }
    }
}

extension BrokerConfiguration {
    func with(heartbeat seconds: Int) -> BrokerConfiguration {
        var copy = self
        copy.heartbeat = .seconds(seconds)
        return copy
    }
}
