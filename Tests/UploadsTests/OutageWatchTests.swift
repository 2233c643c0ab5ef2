import Testing

@testable import Uploads

@Suite("The watch for an outage of the store")
struct OutageWatchTests {
    private static let failed = Outcome.passing(.storageUnavailable("SlowDown"))
    private static let refused = Outcome.permanent(.storageRejected("AccessDenied"))

    private static func served() throws -> Outcome { .answered(.aborted(try Fixture.session())) }
    private static func answeredWithoutStore() throws -> Outcome {
        .answeredWithoutStore(.aborted(try Fixture.session()))
    }

    @Test("begins an outage at the threshold, not before, and once", arguments: [1, 2, 20])
    func threshold(_ threshold: Int) {
        var watch = OutageWatch(threshold: threshold)
        for _ in 1..<threshold {
            #expect(watch.note(Self.failed) == nil)
            #expect(!watch.isDown)
        }
        #expect(watch.note(Self.failed) == .began)
        #expect(watch.isDown)
        #expect(watch.note(Self.failed) == nil)
    }

    @Test("counts failures in a row: whatever the store answers begins a new row")
    func row() throws {
        for answer in [try Self.served(), Self.refused] {
            var watch = OutageWatch(threshold: 2)
            #expect(watch.note(Self.failed) == nil)
            #expect(watch.note(answer) == nil)
            #expect(watch.note(Self.failed) == nil)
            #expect(watch.note(Self.failed) == .began)
        }
    }

    @Test("ends an outage with the first answer of the store")
    func end() throws {
        for answer in [try Self.served(), Self.refused] {
            var watch = OutageWatch(threshold: 1)
            #expect(watch.note(Self.failed) == .began)
            #expect(watch.note(answer) == .ended)
            #expect(!watch.isDown)
        }
    }

    @Test("trusts an answer without a request until the next one fails", arguments: [1, 3])
    func answers(threshold: Int) throws {
        var watch = OutageWatch(threshold: threshold)
        for _ in 1..<threshold { #expect(watch.note(Self.failed) == nil) }
        #expect(watch.note(Self.failed) == .began)
        watch.answers()
        #expect(!watch.isDown)
        #expect(watch.note(Self.failed) == .began)
        watch.answers()
        #expect(watch.note(try Self.served()) == nil)
        #expect(watch.failuresInARow == 0)
    }

    @Test("is not alarmed by an answer while nothing is wrong")
    func answersWhileUp() {
        var watch = OutageWatch(threshold: 2)
        watch.answers()
        #expect(watch.note(Self.failed) == nil)
    }

    @Test("learns nothing from a request that did not need the store")
    func alone() throws {
        var watch = OutageWatch(threshold: 2)
        #expect(watch.note(Self.failed) == nil)
        #expect(watch.note(try Self.answeredWithoutStore()) == nil)
        #expect(watch.note(Self.failed) == .began)
        #expect(watch.note(try Self.answeredWithoutStore()) == nil)
        #expect(watch.isDown)
    }

    @Test("never sees an outage with a threshold of 0")
    func never() {
        var watch = OutageWatch(threshold: 0)
        for _ in 0..<1000 { #expect(watch.note(Self.failed) == nil) }
    }
}
