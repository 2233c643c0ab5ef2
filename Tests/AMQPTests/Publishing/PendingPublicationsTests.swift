import Testing

@testable import AMQP

@Suite("Pending publications")
struct PendingPublicationsTests {
    private let start = ContinuousClock.now

    @Test("are confirmed singly, together and out of order")
    func confirms() {
        var pending = PendingPublications.with("a", "b", "c", "d", "e")
        #expect(pending.sendAll() == ["a", "b", "c", "d", "e"])
        #expect(pending.confirmed(2, upTo: false) == [.done(2)])
        #expect(pending.confirmed(4, upTo: false) == [.done(4)])
        #expect(pending.confirmed(3, upTo: true) == [.done(1), .done(3)])
        #expect(pending.confirmed(3, upTo: true) == [])
        #expect(pending.confirmed(2, upTo: false) == [])
        #expect(!pending.isEmpty)
        #expect(pending.confirmed(0, upTo: true) == [.done(5)])
        #expect(pending.isEmpty)
    }

    @Test("ignore a confirm of what was never sent", arguments: [true, false])
    func unknownConfirm(upTo: Bool) {
        var pending = PendingPublications()
        #expect(pending.confirmed(1, upTo: upTo) == [])
        pending.add(.of("a"), id: 1)
        #expect(pending.sendAll() == ["a"])
        #expect(pending.confirmed(9, upTo: false) == [])
        #expect(pending.confirmed(9, upTo: true) == [.done(1)])
    }

    @Test("that the broker refuses go again after a pause, longer each time")
    func refusals() throws {
        var pending = PendingPublications.with("a", "b")
        #expect(pending.sendAll() == ["a", "b"])
        #expect(pending.refused(2, upTo: true, now: self.start).count == 2)
        #expect(pending.sendAll() == [])
        #expect(pending.nextDue == self.start + .milliseconds(100))
        #expect(pending.advance(to: self.start + .milliseconds(99)) == [])
        #expect(pending.sendAll() == [])
        #expect(pending.advance(to: self.start + .milliseconds(100)) == [])
        #expect(pending.sendAll() == ["a", "b"])
        #expect(pending.confirmed(4, upTo: false) == [.done(2)])
        pending.refused(3, upTo: false, now: self.start)
        #expect(pending.nextDue == self.start + .milliseconds(200))
        #expect(pending.advance(to: self.start + .milliseconds(200)) == [])
        #expect(pending.sendAll() == ["a"])
        #expect(pending.confirmed(5, upTo: false) == [.done(1)])
        #expect(pending.nextDue == nil)
    }

    @Test("that no queue took say so with their confirm")
    func returns() {
        var pending = PendingPublications.with("a", "b", "c")
        #expect(pending.sendAll() == ["a", "b", "c"])
        #expect(pending.returned(.of("b"), code: 312, text: "NO_ROUTE") == true)
        #expect(pending.returned(.of("x"), code: 312, text: "NO_ROUTE") == false)
        #expect(
            pending.confirmed(3, upTo: true) == [
                .done(1), .init(id: 2, result: .success(.returned(code: 312, text: "NO_ROUTE"))), .done(3),
            ]
        )
    }

    @Test("that look alike are on their way one after the other, in order")
    func lookAlikes() {
        var pending = PendingPublications()
        for id in 1...3 as ClosedRange<UInt64> { pending.add(.of("same"), id: id) }
        pending.add(.of("other"), id: 4)
        pending.add(Publication(exchange: "", routingKey: "same", body: [], isMandatory: false), id: 5)
        #expect(pending.sendAll() == ["same", "other", "same"])
        #expect(pending.returned(.of("same"), code: 312, text: "NO_ROUTE") == true)
        #expect(pending.confirmed(3, upTo: false) == [.done(5)])
        #expect(pending.sendAll() == [])
        #expect(
            pending.confirmed(2, upTo: true) == [
                .init(id: 1, result: .success(.returned(code: 312, text: "NO_ROUTE"))), .done(4),
            ]
        )
        #expect(pending.sendAll() == ["same"])
        #expect(pending.confirmed(4, upTo: false) == [.done(2)])
        #expect(pending.sendAll() == ["same"])
        #expect(pending.confirmed(5, upTo: false) == [.done(3)])
        #expect(pending.isEmpty)
    }

    @Test("are told apart by message id, without one by body, never by more than need be")
    func identities() {
        func identity(_ id: AMQPString?, _ body: [UInt8], key: AMQPString = "k") -> ReturnIdentity? {
            var properties = MessageProperties()
            properties.messageID = id
            return ReturnIdentity(Publication(exchange: "e", routingKey: key, properties: properties, body: body))
        }
        #expect(identity("1", [1]) == identity("1", [2]))
        #expect(identity("1", [1]) != identity("2", [1]))
        #expect(identity("1", [1]) != identity("1", [1], key: "l"))
        #expect(identity(nil, [1]) == identity(nil, [1]))
        #expect(identity(nil, [1]) != identity(nil, [2]))
        #expect(identity(nil, []) != identity("", []))
    }

    @Test("wait while the broker takes nothing")
    func blocked() {
        var pending = PendingPublications.with("a")
        pending.blocked()
        #expect(!pending.maySend)
        #expect(pending.sendAll() == [])
        pending.unblocked(at: self.start)
        #expect(pending.sendAll() == ["a"])
    }

    @Test("that do not fit settle without a number of their own")
    func oversized() {
        var pending = PendingPublications.with("a", "big", "b")
        #expect(pending.sendNext(at: self.start)?.routingKey == "a")
        #expect(pending.sendNext(at: self.start)?.routingKey == "big")
        #expect(
            pending.takeBackLast(because: .tooLarge("headers")) == [
                .init(id: 2, result: .failure(.tooLarge("headers")))
            ]
        )
        #expect(pending.sendAll() == ["b"])
        #expect(pending.confirmed(2, upTo: false) == [.done(3)])
    }

    @Test("that nobody waits for any more are not sent, and settle nothing")
    func abandoned() {
        var pending = PendingPublications.with("a", "b", "c", "d")
        pending.abandon(1)
        #expect(pending.sendNext(at: self.start)?.routingKey == "b")
        pending.abandon(2)
        #expect(pending.sendNext(at: self.start)?.routingKey == "c")
        #expect(pending.confirmed(1, upTo: false) == [])
        pending.abandon(3)
        #expect(pending.lost(.network) == [])
        #expect(pending.sendAll() == ["d"])
        #expect(pending.confirmed(1, upTo: true) == [.done(4)])
        #expect(pending.isEmpty)
        #expect(pending.abandoned.isEmpty)
    }

    @Test("stop without a word more to the broker")
    func stop() {
        var pending = PendingPublications.with("a", "b", "c")
        #expect(pending.sendNext(at: self.start)?.routingKey == "a")
        pending.refused(1, upTo: false, now: self.start)
        #expect(pending.sendNext(at: self.start)?.routingKey == "b")
        pending.abandon(3)
        let settled = pending.stop()
        #expect(Set(settled.map(\.id)) == [1, 2])
        #expect(settled.allSatisfy { $0.result == .failure(.stopped) })
        #expect(pending.isEmpty)
    }
}

extension PendingPublications {
    /// Publications to these routing keys, their ids from 1 on.
    static func with(_ keys: String...) -> PendingPublications {
        var pending = PendingPublications()
        for (index, key) in keys.enumerated() { pending.add(.of(key), id: UInt64(index + 1)) }
        return pending
    }

    /// Sends what may be sent; gives the routing keys.
    mutating func sendAll(at now: ContinuousClock.Instant = .now) -> [String] {
        var sent: [String] = []
        while let publication = self.sendNext(at: now) { sent.append(publication.routingKey.description) }
        return sent
    }
}

extension PendingPublications.Settled {
    static func done(_ id: UInt64) -> Self { Self(id: id, result: .success(.confirmed)) }
    static func givenUp(_ id: UInt64) -> Self { Self(id: id, result: .failure(.unconfirmed)) }
}

extension Publication {
    static func of(_ key: String) -> Publication {
        Publication(exchange: "", routingKey: AMQPString(key), body: [])
    }

    /// One whose sender has another address for it.
    static func movable(_ key: String) -> Publication {
        var publication = Publication.of(key)
        publication.canGoElsewhere = true
        return publication
    }
}

extension ReturnIdentity {
    static func of(_ key: String) -> ReturnIdentity {
        ReturnIdentity(exchange: "", routingKey: AMQPString(key), messageID: nil, body: [])
    }
}
