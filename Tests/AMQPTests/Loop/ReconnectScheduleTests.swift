import Testing

@testable import AMQP

@Suite("The schedule of connecting again")
struct ReconnectScheduleTests {
    @Test("tries every URL in turn, then pauses, longer each round up to a limit")
    func rounds() {
        var schedule = ReconnectSchedule(urlCount: 2, persistence: .forever)
        var pauses: [Duration] = []
        for round in 0..<9 {
            let first = schedule.failedToConnect(isPermanent: false, random: 1)
            #expect(first == .connect(urlIndex: 1, after: .zero), "round \(round)")
            guard case .connect(0, let pause) = schedule.failedToConnect(isPermanent: false, random: 1) else {
                Issue.record("the first URL follows the last")
                return
            }
            pauses.append(pause)
        }
        let expected = [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]
        #expect(pauses == expected.map { .milliseconds($0) })
    }

    @Test("cuts the pause by chance", arguments: [0, 0.25, 1])
    func jitter(random: Double) {
        var schedule = ReconnectSchedule(urlCount: 1, persistence: .forever)
        let step = schedule.failedToConnect(isPermanent: false, random: random)
        #expect(step == .connect(urlIndex: 0, after: .milliseconds(100) * random))
    }

    @Test("connects at once after a connection that did its work, to the same URL, and begins anew")
    func useful() {
        var schedule = ReconnectSchedule(urlCount: 2, persistence: .forever)
        _ = schedule.failedToConnect(isPermanent: false, random: 1)
        #expect(schedule.lost(wasUseful: true, random: 1) == .connect(urlIndex: 1, after: .zero))
        _ = schedule.lost(wasUseful: false, random: 1)
        _ = schedule.lost(wasUseful: false, random: 1)
        #expect(schedule.lost(wasUseful: true, random: 1) == .connect(urlIndex: 1, after: .zero))
        #expect(schedule.lost(wasUseful: false, random: 1) == .connect(urlIndex: 0, after: .milliseconds(100)))
    }

    @Test("goes on to the next URL after a connection that did nothing, with pauses that grow")
    func useless() {
        var schedule = ReconnectSchedule(urlCount: 3, persistence: .forever)
        let steps = (0..<4).map { _ in schedule.lost(wasUseful: false, random: 1) }
        let expected = [(1, 100), (2, 200), (0, 400), (1, 800)] as [(Int, Int)]
        #expect(steps == expected.map { .connect(urlIndex: $0.0, after: .milliseconds($0.1)) })
    }

    @Test("gives up only where every URL failed for good in the first round")
    func hopeless() {
        var allBad = ReconnectSchedule(urlCount: 2, persistence: .forever)
        #expect(allBad.failedToConnect(isPermanent: true, random: 0) == .connect(urlIndex: 1, after: .zero))
        #expect(allBad.failedToConnect(isPermanent: true, random: 0) == .giveUp)

        for goodOne in 0..<2 {
            var oneBad = ReconnectSchedule(urlCount: 2, persistence: .forever)
            _ = oneBad.failedToConnect(isPermanent: goodOne != 0, random: 0)
            #expect(oneBad.failedToConnect(isPermanent: goodOne != 1, random: 0) != .giveUp)
            for _ in 0..<4 { #expect(oneBad.failedToConnect(isPermanent: true, random: 0) != .giveUp) }
        }

        var onceGood = ReconnectSchedule(urlCount: 1, persistence: .forever)
        #expect(onceGood.lost(wasUseful: true, random: 0) == .connect(urlIndex: 0, after: .zero))
        #expect(onceGood.failedToConnect(isPermanent: true, random: 0) != .giveUp)
    }

    @Test("tries each URL once where there is no second connection to be")
    func once() {
        var schedule = ReconnectSchedule(urlCount: 2, persistence: .once)
        #expect(schedule.failedToConnect(isPermanent: false, random: 0) == .connect(urlIndex: 1, after: .zero))
        #expect(schedule.failedToConnect(isPermanent: false, random: 0) == .giveUp)
        var lost = ReconnectSchedule(urlCount: 2, persistence: .once)
        #expect(lost.lost(wasUseful: true, random: 0) == .giveUp)
    }
}
