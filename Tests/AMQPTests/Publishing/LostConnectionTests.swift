import Testing

@testable import AMQP

@Suite("Publications on a connection that is lost")
struct LostConnectionTests {
    private let objection = PendingPublications.Loss.objection(code: 541, text: "INTERNAL_ERROR")

    @Test("go again in their order, before those that had not gone, followers included")
    func network() {
        var pending = PendingPublications.with("a", "b", "b", "c", "d")
        for _ in 0..<3 { _ = pending.sendNext(at: .now) }
        #expect(pending.confirmed(1, upTo: false) == [.done(1)])
        #expect(pending.lost(.network) == [])
        #expect(pending.sendAll() == ["b", "c", "d"])
        #expect(pending.confirmed(1, upTo: false) == [.done(2)])
        #expect(pending.sendAll() == ["b"])
        #expect(pending.confirmed(4, upTo: true) == [.done(4), .done(5), .done(3)])
        #expect(pending.isEmpty)
    }

    @Test("forget that they were returned")
    func returnedBefore() {
        var pending = PendingPublications.with("a")
        #expect(pending.sendAll() == ["a"])
        #expect(pending.returned(.of("a"), code: 312, text: "NO_ROUTE") == true)
        #expect(pending.lost(.network) == [])
        #expect(pending.sendAll() == ["a"])
        #expect(pending.confirmed(1, upTo: false) == [.done(1)])
    }

    @Test("go one at a time where the broker objected, until the one that it means is found")
    func culprit() {
        var pending = PendingPublications.with("a", "bad", "c", "d")
        for _ in 0..<3 { _ = pending.sendNext(at: .now) }
        #expect(pending.lost(self.objection) == [])
        #expect(pending.sendAll() == ["a"])
        #expect(pending.confirmed(1, upTo: false) == [.done(1)])
        #expect(pending.sendAll() == ["bad"])
        #expect(pending.lost(self.objection) == [])
        #expect(pending.sendAll() == ["bad"])
        #expect(
            pending.lost(self.objection) == [
                .init(id: 2, result: .failure(.refused(code: 541, text: "INTERNAL_ERROR")))
            ]
        )
        #expect(pending.sendAll() == ["c"])
        // Nobody is a suspect any more: the rest goes together.
        pending.add(.of("e"), id: 5)
        #expect(pending.confirmed(1, upTo: false) == [.done(3)])
        #expect(pending.sendAll() == ["d", "e"])
    }

    @Test("are refused after the second objection where they were alone")
    func alone() {
        var pending = PendingPublications.with("bad")
        #expect(pending.sendAll() == ["bad"])
        #expect(pending.lost(self.objection) == [])
        #expect(pending.sendAll() == ["bad"])
        #expect(pending.lost(.network) == [], "the network says nothing about a publication")
        #expect(pending.sendAll() == ["bad"])
        #expect(pending.lost(self.objection).map(\.id) == [1])
        #expect(pending.isEmpty)
        #expect(pending.suspectCount == 0)
    }

    @Test("are refused after the first objection where their publisher bears no second one")
    func objectionLimit() {
        var pending = PendingPublications(objectionLimit: 1)
        for (id, key) in ["a", "bad"].enumerated() { pending.add(.of(key), id: UInt64(id + 1)) }
        #expect(pending.sendAll() == ["a", "bad"])
        #expect(pending.lost(self.objection) == [], "either may be meant")
        #expect(pending.sendAll() == ["a"])
        #expect(pending.confirmed(1, upTo: false) == [.done(1)])
        #expect(pending.sendAll() == ["bad"])
        #expect(pending.lost(self.objection).map(\.id) == [2])
        #expect(pending.isEmpty)
    }

    @Test("stay suspects when the network fails in between, and when one is refused or given up")
    func interruptedSearch() {
        var pending = PendingPublications.with("a", "b", "c", "d", "later")
        for _ in 0..<4 { _ = pending.sendNext(at: .now) }
        #expect(pending.lost(self.objection) == [])
        #expect(pending.sendAll() == ["a"])
        #expect(pending.lost(.network) == [])
        #expect(pending.sendAll() == ["a"])
        pending.refused(1, upTo: false, now: .now)
        #expect(pending.sendAll() == ["b"])
        pending.abandon(2)
        #expect(pending.lost(self.objection) == [], "nobody waits for its refusal")
        #expect(pending.sendAll() == ["c"])
        pending.abandon(4)
        #expect(pending.confirmed(1, upTo: false) == [.done(3)])
        #expect(pending.sendAll() == ["later"])
        #expect(pending.suspectCount == 0)
    }

    @Test("are not blamed where none was on its way")
    func nothingSent() {
        var pending = PendingPublications.with("a", "b")
        #expect(pending.lost(self.objection) == [])
        #expect(pending.sendAll() == ["a", "b"])
    }

    @Test("are blamed for what the broker says, not for the network, a shutdown or an operator")
    func blame() {
        func loss(_ reason: BrokerError.Reason) -> PendingPublications.Loss {
            PendingPublications.Loss(BrokerError(reason, url: nil))
        }
        #expect(loss(.channelClosed(code: 404, text: "x")) == .objection(code: 404, text: "x"))
        #expect(loss(.connectionClosed(code: 541, text: "x")) == .objection(code: 541, text: "x"))
        #expect(loss(.connectionClosed(code: 320, text: "x")) == .network)
        #expect(loss(.connectionLost("x")) == .network)
        #expect(loss(.heartbeatMissed) == .network)
    }
}
