import Testing

@testable import UploadWorker

@Suite("Export pauses")
struct ExportPausesTests {
    @Test("double from a second, half of each by chance")
    func usual() {
        var pauses = ExportPauses(longest: .seconds(60))
        let made = [0, 1, 0, 0.5].map { pauses.next(nil, random: $0) }
        #expect(made == [.milliseconds(500), .seconds(2), .seconds(2), .seconds(6)])
    }

    @Test(
        "are as long as was asked, up to what is left: one below, at it, one above",
        arguments: [(29, 29), (30, 30), (31, nil)]
    )
    func asked(seconds: Int, expected: Int?) {
        var pauses = ExportPauses(longest: .seconds(30))
        #expect(pauses.next(.seconds(seconds), random: 0) == expected.map { .seconds($0) })
    }

    @Test("count what the tries took, and end also where none is asked for")
    func end() {
        var pauses = ExportPauses(longest: .seconds(1))
        pauses.spend(.milliseconds(900))
        #expect(pauses.next(.zero, random: 0) == .zero)
        #expect(pauses.next(.zero, random: 0) == nil)
    }
}
