import Foundation
import Testing

@testable import S3

/// Dialogues: an event at a second since the beginning, and what it must lead to.
@Suite struct RefreshScheduleTests {
    private var schedule = RefreshSchedule(lead: 1200)

    private static func at(_ second: Double) -> Date { Date(timeIntervalSince1970: 1_700_000_000 + second) }

    private mutating func handle(_ event: RefreshSchedule.Event, _ second: Double) -> RefreshSchedule.Action {
        self.schedule.handle(event, at: Self.at(second))
    }

    private mutating func found(_ end: Double?, _ second: Double) -> RefreshSchedule.Action {
        self.handle(.found(end: end.map(Self.at), isRenewable: true), second)
    }

    private mutating func asked(_ end: Double, _ second: Double) -> RefreshSchedule.Action {
        self.handle(.asked(until: Self.at(end)), second)
    }

    @Test("Begins with a fetch, and never with two")
    mutating func first() {
        #expect(self.handle(.due, 0) == .fetch)
        #expect(self.handle(.due, 0) == .wait(until: .distantPast))
        #expect(self.found(nil, 1) == .wait(until: nil))
        #expect(self.handle(.due, 1_000_000) == .wait(until: nil))
    }

    @Test(
        "Renews ahead of the end, or after half of a short life",
        arguments: [
            (3600.0, 2400.0), (2401, 1201), (2400, 1200), (2000, 1000), (900, 450), (10, 5), (2, 1), (1, 1), (0.5, 1),
        ]
    )
    mutating func ahead(life: Double, renewal: Double) {
        _ = self.handle(.due, 0)
        #expect(self.found(life, 0) == .wait(until: Self.at(renewal)))
        #expect(self.handle(.due, renewal - 0.1) == .wait(until: Self.at(renewal)))
        #expect(self.handle(.due, renewal) == .fetch)
    }

    @Test("What is given for good is not asked for again")
    mutating func given() {
        _ = self.handle(.due, 0)
        #expect(self.handle(.found(end: Self.at(100), isRenewable: false), 0) == .wait(until: nil))
        #expect(self.asked(1000, 50) == .decline)
        #expect(self.handle(.due, 99) == .wait(until: nil))
    }

    @Test("Tries again after failures with growing pauses, each by chance up to half as long")
    mutating func failures() {
        var now = 0.0
        for pause in [1.0, 2, 4, 8, 16, 32, 60, 60] {
            #expect(self.handle(.due, now) == .fetch)
            var twin = self.schedule
            #expect(twin.handle(.failed(random: 0), at: Self.at(now)) == .wait(until: Self.at(now + pause / 2)))
            #expect(self.handle(.failed(random: 1), now) == .wait(until: Self.at(now + pause)))
            now += pause
        }
        #expect(self.handle(.due, now) == .fetch)
        _ = self.found(now + 3600, now)
        #expect(self.handle(.due, now + 2400) == .fetch)
        #expect(self.handle(.failed(random: 1), now + 2400) == .wait(until: Self.at(now + 2401)))
    }

    @Test("Whoever needs a longer life has it fetched at once; others join")
    mutating func asking() {
        _ = self.handle(.due, 0)
        _ = self.found(600, 0)
        #expect(self.asked(600, 1) == .decline)
        #expect(self.asked(601, 1) == .join)
        #expect(self.asked(700, 1) == .join)
        #expect(self.handle(.due, 1) == .fetch)
        #expect(self.asked(700, 2) == .join)
        #expect(self.found(3600, 2) == .wait(until: Self.at(2400)))
        #expect(self.asked(700, 3) == .decline)
        // Enough was brought: the next who needs more is not held off.
        #expect(self.asked(3601, 3) == .join)
    }

    @Test("While asking gains nothing, it is tried with growing pauses")
    mutating func fruitless() {
        _ = self.handle(.due, 0)
        _ = self.found(600, 0)
        var now = 1.0
        for pause in [1.0, 2, 4, 8, 16, 32, 60] {
            #expect(self.asked(900, now) == .join)
            #expect(self.handle(.due, now) == .fetch)
            _ = self.found(600, now)
            #expect(self.asked(900, now + pause - 0.1) == .decline)
            now += pause
        }
        #expect(self.asked(900, now) == .join)
    }

    @Test("After a failure nobody is kept waiting for the next try")
    mutating func askingAfterFailure() {
        _ = self.handle(.due, 0)
        _ = self.found(600, 0)
        #expect(self.asked(900, 1) == .join)
        #expect(self.handle(.due, 1) == .fetch)
        #expect(self.handle(.failed(random: 1), 1) == .wait(until: Self.at(2)))
        #expect(self.asked(900, 1.5) == .decline)
        #expect(self.asked(900, 2) == .join)
    }

    @Test("Nobody waits for what nothing is known of")
    mutating func askingTooEarly() {
        #expect(self.asked(900, 0) == .decline)
        #expect(self.handle(.due, 0) == .fetch)
        #expect(self.asked(900, 0) == .decline)
    }
}
