import Testing

@testable import AMQP

@Suite("A publisher, told by the broker")
struct PublisherDialogueTests {
    @Test("of confirms singly, together and out of order, settles each publication once")
    func confirms() async throws {
        try await withFakeBroker([
            { broker in
                for _ in 0..<5 { _ = try broker.next() }
                try broker.confirm(4)
                try broker.confirm(2, upTo: true)
                try broker.confirm(5)
                try broker.confirm(3)
                try broker.expect(.close)
            }
        ]) { configuration in
            try await withPublisher(configuration) { publisher in
                let outcomes = try await publisher.publishAll(["a", "b", "c", "d", "e"])
                #expect(outcomes == Array(repeating: .success(.confirmed), count: 5))
            }
        }
    }

    @Test("that a publication is refused, sends it again")
    func refused() async throws {
        try await withFakeBroker([
            { broker in
                try broker.expect(.publish(key: "a", bodySize: 0))
                try broker.refuse(1)
                try broker.expect(.publish(key: "a", bodySize: 0))
                try broker.confirm(2)
                try broker.expect(.close)
            }
        ]) { configuration in
            try await withPublisher(configuration) { publisher in
                try await publisher.expectConfirmed("a")
            }
        }
    }

    @Test("five times that a publication is refused, gives it up where it can go elsewhere, and the others go on")
    func refusedForGood() async throws {
        try await withFakeBroker([
            { broker in
                for number in 1...5 as ClosedRange<UInt64> {
                    try broker.expect(.publish(key: "a", bodySize: 0))
                    try broker.refuse(number)
                }
                try broker.expect(.publish(key: "b", bodySize: 0))
                try broker.confirm(6)
                try broker.expect(.close)
            }
        ]) { configuration in
            try await withPublisher(configuration) { publisher in
                await #expect(throws: PublishError.unconfirmed) { try await publisher.publish(.movable("a")) }
                try await publisher.expectConfirmed("b")
            }
        }
    }

    @Test("nothing of a publication for too long, gives it up where it can go elsewhere, and the others go on")
    func unconfirmed() async throws {
        try await withFakeBroker([
            { broker in
                try broker.expect(.publish(key: "a", bodySize: 0))
                try broker.expect(.publish(key: "b", bodySize: 0))
                try broker.confirm(2)
                try broker.confirm(1)
                try broker.expect(.publish(key: "a", bodySize: 0))
                try broker.confirm(3)
                try broker.expect(.close)
            }
        ]) { configuration in
            try await withPublisher(configuration, confirmLimit: .milliseconds(100)) { publisher in
                await #expect(throws: PublishError.unconfirmed) { try await publisher.publish(.movable("a")) }
                try await publisher.expectConfirmed("b")
                try await publisher.expectConfirmed("a")
            }
        }
    }

    @Test("that no queue took one of two, says so of that one")
    func returned() async throws {
        try await withFakeBroker([
            { broker in
                for _ in 0..<2 { _ = try broker.next() }
                try broker.giveBack(key: "lost")
                try broker.confirm(2, upTo: true)
                try broker.expect(.close)
            }
        ]) { configuration in
            try await withPublisher(configuration) { publisher in
                let outcomes = try await publisher.publishAll(["lost", "found"])
                #expect(outcomes == [.success(.returned(code: 312, text: "NO_ROUTE")), .success(.confirmed)])
            }
        }
    }

    @Test("of the connection's end, publishes what was not confirmed on the next one", arguments: [true, false])
    func lost(isForced: Bool) async throws {
        try await withFakeBroker([
            { broker in
                try broker.expect(.publish(key: "a", bodySize: 0))
                try broker.confirm(1)
                try broker.expect(.publish(key: "b", bodySize: 0))
                if isForced { try broker.closeConnection(320, "CONNECTION_FORCED") }
            },
            { broker in
                try broker.expect(.publish(key: "b", bodySize: 0))
                try broker.confirm(1)
                try broker.expect(.close)
            },
        ]) { configuration in
            try await withPublisher(configuration) { publisher in
                try await publisher.expectConfirmed("a")
                try await publisher.expectConfirmed("b")
                #expect(publisher.reconnections == 1)
            }
        }
    }

    @Test("that it closes the channel, finds the publication that it means and spares the others")
    func culprit() async throws {
        let objection: @Sendable (FakeSession) throws -> Void = { broker in
            try broker.expect(.publish(key: "bad", bodySize: 0))
            try broker.closeChannel(404, "NOT_FOUND - no exchange")
        }
        let (received, tell) = AsyncStream.makeStream(of: Void.self)
        try await withFakeBroker([
            { broker in
                for key in ["good", "bad", "fine"] {
                    try broker.expect(.publish(key: key, bodySize: 0))
                    tell.yield()
                }
                try broker.closeChannel(404, "NOT_FOUND - no exchange")
            },
            { broker in
                try broker.expect(.publish(key: "good", bodySize: 0))
                try broker.confirm(1)
                try objection(broker)
            },
            objection,
            { broker in
                try broker.expect(.publish(key: "fine", bodySize: 0))
                try broker.confirm(1)
                try broker.expect(.close)
            },
        ]) { configuration in
            try await withPublisher(configuration) { publisher in
                var arrival = received.makeAsyncIterator()
                async let good = publisher.publish(.of("good"))
                await arrival.next()
                async let bad = publisher.publishAll(["bad"])
                await arrival.next()
                async let fine = publisher.publish(.of("fine"))
                let outcomes = try await (good, bad, fine)
                #expect(outcomes.0 == .confirmed)
                #expect(outcomes.1 == [.failure(.refused(code: 404, text: "NOT_FOUND - no exchange"))])
                #expect(outcomes.2 == .confirmed)
            }
        }
    }

    @Test("that it closes the channel for one publication after another, refuses each where one objection is enough")
    func manyObjections() async throws {
        let count = 3
        let objection: @Sendable (FakeSession) throws -> Void = { broker in
            _ = try broker.next()
            try broker.closeChannel(404, "NOT_FOUND - no exchange")
        }
        try await withFakeBroker(
            Array(repeating: objection, count: count) + [
                { broker in
                    try broker.expect(.publish(key: "good", bodySize: 0))
                    try broker.confirm(1)
                    try broker.expect(.close)
                }
            ]
        ) { configuration in
            try await withPublisher(configuration, objectionLimit: 1) { publisher in
                for _ in 0..<count {
                    await #expect(throws: PublishError.self) { try await publisher.publish(.of("bad")) }
                }
                try await publisher.expectConfirmed("good")
            }
        }
    }

    @Test("that it takes nothing now, waits until it does")
    func blocked() async throws {
        let (isBlocked, tell) = AsyncStream.makeStream(of: Void.self)
        let (mayUnblock, unblock) = AsyncStream.makeStream(of: Void.self)
        try await withFakeBroker([
            { broker in
                try broker.expect(.publish(key: "a", bodySize: 0))
                try broker.block("low on memory")
                try broker.confirm(1)
                tell.finish()
                waitForEnd(of: mayUnblock)
                try broker.unblock()
                try broker.expect(.publish(key: "b", bodySize: 0))
                try broker.confirm(2)
                try broker.expect(.close)
            }
        ]) { configuration in
            try await withPublisher(configuration) { publisher in
                try await publisher.expectConfirmed("a")
                for await _ in isBlocked {}
                async let outcome = publisher.publish(.of("b"))
                try await eventually { publisher.status == .blocked(reason: "low on memory") }
                unblock.finish()
                let settled = try await outcome
                #expect(settled == .confirmed)
                try await eventually { publisher.status == .connected }
            }
        }
    }

    @Test("to stop while confirms are outstanding, waits for them and closes in good order")
    func stop() async throws {
        let (published, tell) = AsyncStream.makeStream(of: Void.self)
        let (mayConfirm, confirm) = AsyncStream.makeStream(of: Void.self)
        try await withFakeBroker([
            { broker in
                try broker.expect(.publish(key: "a", bodySize: 0))
                tell.finish()
                waitForEnd(of: mayConfirm)
                try broker.confirm(1)
                try broker.expect(.close)
            }
        ]) { configuration in
            let publisher = ConfirmingPublisher(configuration: configuration, topology: nil, logger: quiet)
            let run = Task { try await publisher.run() }
            async let outcome = publisher.publish(.of("a"))
            for await _ in published {}
            run.cancel()
            confirm.finish()
            #expect(try await outcome == .confirmed)
            try await run.value
            #expect(publisher.status == .stopped)
            await #expect(throws: PublishError.stopped) { try await publisher.publish(.of("late")) }
        }
    }

    @Test("nothing, gives up where its task is cancelled, and the others go on")
    func cancelled() async throws {
        let (published, tell) = AsyncStream.makeStream(of: Void.self)
        try await withFakeBroker([
            { broker in
                try broker.expect(.publish(key: "a", bodySize: 0))
                tell.finish()
                try broker.expect(.publish(key: "b", bodySize: 0))
                try broker.confirm(2, upTo: true)
                try broker.expect(.close)
            }
        ]) { configuration in
            try await withPublisher(configuration) { publisher in
                let given = Task { try await publisher.publish(.of("a")) }
                for await _ in published {}
                given.cancel()
                await #expect(throws: PublishError.cancelled) { try await given.value }
                try await publisher.expectConfirmed("b")
            }
        }
    }

    @Test("nothing of a publication that has no room in a frame, refuses it alone")
    func tooLarge() async throws {
        try await withFakeBroker([
            { broker in
                try broker.expectInAnyOrder(.publish(key: "a", bodySize: 3), .publish(key: "b", bodySize: 200_000))
                try broker.confirm(2, upTo: true)
                try broker.expect(.close)
            }
        ]) { configuration in
            try await withPublisher(configuration) { publisher in
                var large = Publication.of("large")
                large.properties.headers = ["h": .bytes([UInt8](repeating: 0, count: 131_072))]
                async let first = publisher.publish(Publication(exchange: "", routingKey: "a", body: [1, 2, 3]))
                await #expect(throws: PublishError.tooLarge("headers")) { try await publisher.publish(large) }
                let body = [UInt8](repeating: 7, count: 200_000)
                async let second = publisher.publish(Publication(exchange: "", routingKey: "b", body: body))
                let outcome = try await [first, second]
                #expect(outcome == [.confirmed, .confirmed])
            }
        }
    }
}

extension ConfirmingPublisher {
    func expectConfirmed(_ key: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let outcome = try await self.publish(.of(key))
        #expect(outcome == .confirmed, sourceLocation: sourceLocation)
    }

    /// Publishes to these routing keys at a time.
    func publishAll(_ keys: [String]) async throws -> [Result<PublishOutcome, PublishError>] {
        try await withThrowingTaskGroup(of: (Int, Result<PublishOutcome, PublishError>).self) { group in
            for (index, key) in keys.enumerated() {
                group.addTask {
                    do {
                        return (index, .success(try await self.publish(.of(key))))
                    } catch let error as PublishError {
                        return (index, .failure(error))
                    }
                }
            }
            var outcomes = [Result<PublishOutcome, PublishError>](repeating: .failure(.stopped), count: keys.count)
            for try await (index, outcome) in group { outcomes[index] = outcome }
            return outcomes
        }
    }
}
