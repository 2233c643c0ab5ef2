import Testing

@testable import AMQP

@Suite("Publications that can go elsewhere")
struct GivingUpTests {
    private let start = ContinuousClock.now

    /// One that can go elsewhere and one that cannot.
    private var pair: PendingPublications {
        var pending = PendingPublications()
        pending.add(.movable("a"), id: 1)
        pending.add(.of("b"), id: 2)
        return pending
    }

    @Test("are given up with the fifth refusal; the others go on being sent")
    func refusals() {
        var pending = self.pair
        var now = self.start
        var number: UInt64 = 2
        for refusal in 1...4 {
            #expect(pending.sendAll(at: now) == ["a", "b"])
            #expect(pending.refused(number, upTo: true, now: now).settled == [], "refusal \(refusal)")
            number += 2
            now += .seconds(10)
            #expect(pending.advance(to: now) == [])
        }
        #expect(pending.sendAll(at: now) == ["a", "b"])
        let (count, settled) = pending.refused(number, upTo: true, now: now)
        #expect(count == 2)
        #expect(settled == [.givenUp(1)])
        for _ in 0..<10 {
            now += .seconds(10)
            #expect(pending.advance(to: now) == [])
            #expect(pending.sendAll(at: now) == ["b"])
            number += 1
            #expect(pending.refused(number, upTo: false, now: now).settled == [])
        }
    }

    @Test("are given up when no confirm has come for 30 s; the others wait on, and a late confirm is nobody's")
    func silence() {
        var pending = self.pair
        #expect(pending.nextDue == nil)
        #expect(pending.sendAll(at: self.start) == ["a", "b"])
        #expect(pending.nextDue == self.start + .seconds(30))
        #expect(pending.advance(to: self.start + .milliseconds(29_999)) == [])
        #expect(pending.advance(to: self.start + .seconds(30)) == [.givenUp(1)])
        #expect(pending.nextDue == nil)
        #expect(pending.advance(to: self.start + .seconds(3600)) == [])
        #expect(pending.confirmed(1, upTo: false) == [])
        #expect(pending.confirmed(2, upTo: false) == [.done(2)])
        #expect(pending.isEmpty)
    }

    @Test("are looked at again when the next of them is due")
    func severalWaits() {
        var pending = PendingPublications()
        for second in 0..<3 {
            pending.add(.movable("k\(second)"), id: UInt64(second))
            #expect(pending.sendAll(at: self.start + .seconds(second)) == ["k\(second)"])
        }
        #expect(pending.confirmed(1, upTo: false) == [.done(0)])
        #expect(pending.advance(to: self.start + .seconds(30)) == [])
        #expect(pending.nextDue == self.start + .seconds(31))
        #expect(pending.advance(to: self.start + .seconds(31)) == [.givenUp(1)])
        #expect(pending.advance(to: self.start + .seconds(32)) == [.givenUp(2)])
        #expect(pending.isEmpty)
    }

    @Test("are not given up while the broker takes no messages, and wait anew from its end")
    func blocked() {
        var pending = self.pair
        #expect(pending.sendAll(at: self.start) == ["a", "b"])
        pending.blocked()
        #expect(pending.nextDue == nil)
        #expect(pending.advance(to: self.start + .seconds(100)) == [])
        pending.unblocked(at: self.start + .seconds(100))
        #expect(pending.advance(to: self.start + .seconds(100)) == [])
        #expect(pending.nextDue == self.start + .seconds(130))
        #expect(pending.advance(to: self.start + .seconds(130)) == [.givenUp(1)])
    }

    @Test("are not given up while there is no connection, and wait anew from being sent again")
    func disconnected() {
        var pending = self.pair
        #expect(pending.sendAll(at: self.start) == ["a", "b"])
        #expect(pending.lost(.network) == [])
        #expect(pending.nextDue == nil)
        #expect(pending.advance(to: self.start + .seconds(100)) == [])
        #expect(pending.sendAll(at: self.start + .seconds(100)) == ["a", "b"])
        #expect(pending.advance(to: self.start + .seconds(129)) == [])
        #expect(pending.advance(to: self.start + .seconds(130)) == [.givenUp(1)])
    }

    @Test("are given up earlier at an address that was given up lately, until it takes a message or 30 s are over")
    func lessPatience() {
        var pending = PendingPublications()
        var number: UInt64 = 0
        /// How many refusals the next publication bears.
        func refusals(id: UInt64, key: String, at now: ContinuousClock.Instant) -> Int {
            pending.add(.movable(key), id: id)
            var now = now
            for count in 1...9 {
                #expect(pending.sendAll(at: now) == [key])
                number += 1
                if !pending.refused(number, upTo: false, now: now).settled.isEmpty { return count }
                now += .seconds(1)
                #expect(pending.advance(to: now) == [])
            }
            return 10
        }
        #expect(refusals(id: 1, key: "full", at: self.start) == 5)
        let givenUp = self.start + .seconds(4)
        #expect(refusals(id: 2, key: "full", at: givenUp) == 2)
        #expect(refusals(id: 3, key: "other", at: givenUp) == 5)
        #expect(refusals(id: 4, key: "full", at: givenUp + .seconds(28)) == 2)
        #expect(refusals(id: 5, key: "full", at: givenUp + .seconds(30)) == 5, "not remembered anew")
        pending.add(.movable("full"), id: 6)
        #expect(pending.sendAll(at: givenUp + .seconds(40)) == ["full"])
        #expect(pending.confirmed(number + 1, upTo: false) == [.done(6)])
        number += 1
        #expect(refusals(id: 7, key: "full", at: givenUp + .seconds(41)) == 5)
    }

    @Test("wait less for the confirm of an address that was given up lately")
    func shorterWait() {
        var pending = PendingPublications()
        pending.add(.movable("a"), id: 1)
        #expect(pending.sendAll(at: self.start) == ["a"])
        let givenUp = self.start + .seconds(30)
        #expect(pending.advance(to: givenUp) == [.givenUp(1)])
        for (id, key) in [(2, "b"), (3, "a")] as [(UInt64, String)] { pending.add(.movable(key), id: id) }
        #expect(pending.sendAll(at: givenUp) == ["b", "a"])
        #expect(pending.nextDue == givenUp + .seconds(2))
        #expect(pending.advance(to: givenUp + .seconds(2)) == [.givenUp(3)])
        #expect(pending.nextDue == givenUp + .seconds(30))
    }

    @Test("let those go that waited for them, and settle nothing where nobody waits")
    func followers() {
        var pending = PendingPublications()
        for id in 1...2 as ClosedRange<UInt64> { pending.add(.movable("same"), id: id) }
        pending.add(.movable("left"), id: 3)
        #expect(pending.sendAll(at: self.start) == ["same", "left"])
        pending.abandon(3)
        let later = self.start + .seconds(30)
        #expect(pending.advance(to: later) == [.givenUp(1)])
        #expect(pending.abandoned.isEmpty)
        #expect(pending.sendAll(at: later) == ["same"])
        #expect(pending.confirmed(3, upTo: false) == [.done(2)])
    }
}
