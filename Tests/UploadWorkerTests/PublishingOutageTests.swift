import Testing

@testable import UploadWorker

@Suite("Results that cannot be published")
struct PublishingOutageTests {
    private let alarm = Alarm()
    private let start = ContinuousClock.now

    @Test("are an outage once that has lasted, and none once they can")
    func lasts() {
        let outage = PublishingOutage(alarm: self.alarm)
        outage.note("blocked", at: self.start)
        outage.note("disconnected", at: self.start + .milliseconds(19_999))
        #expect(outage.reason == nil)
        outage.note("blocked again", at: self.start + .seconds(20))
        #expect(outage.reason == "results cannot be published: blocked again")
        outage.note(nil, at: self.start + .seconds(21))
        #expect(outage.reason == nil)
    }

    @Test("are none where the broker takes some in between")
    func recovers() {
        let outage = PublishingOutage(alarm: self.alarm)
        for second in 0..<100 {
            outage.note(second % 20 == 19 ? nil : "connecting", at: self.start + .seconds(second))
            #expect(outage.reason == nil)
        }
    }

    @Test("are told of when it begins and when it ends", .timeLimit(.minutes(1)))
    func alarms() async {
        let outage = PublishingOutage(alarm: self.alarm)
        var rings = self.alarm.rings.makeAsyncIterator()
        outage.note("blocked", at: self.start)
        outage.note("blocked", at: self.start + .seconds(20))
        #expect(await rings.next() != nil)
        outage.note(nil, at: self.start + .seconds(21))
        #expect(await rings.next() != nil)
    }
}
