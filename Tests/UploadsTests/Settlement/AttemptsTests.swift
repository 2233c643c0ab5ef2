import FoundationEssentials
import Testing

@testable import Uploads

@Suite("Attempts")
struct AttemptsTests {
    @Test("begin with the first delivery")
    func first() {
        #expect(Attempts(headers: [:]) == .first)
        #expect(Attempts(headers: ["x-death": .text("1"), "upload-replays": .integer(3)]) == .first)
    }

    @Test("travel in headers, counting one more with each delivery")
    func roundTrip() {
        let attempts = Attempts(count: 2, retriesDone: 1, firstFailedAt: Fixture.now)
        #expect(
            attempts.headers == [
                "upload-attempts": .integer(2), "upload-retries": .integer(1),
                "upload-first-failed-at": .text("2027-01-15T08:00:00Z"),
            ]
        )
        #expect(Attempts(headers: attempts.headers) == Attempts(count: 3, retriesDone: 1, firstFailedAt: Fixture.now))
        #expect(Attempts.first.headers.keys.sorted() == ["upload-attempts", "upload-retries"])
        #expect(Set(attempts.headers.keys) == Set(Attempts.headerNames))
    }

    @Test(
        "that are forged stay within bounds",
        arguments: [
            (.integer(-1), 1, 0), (.integer(.min), 1, 0), (.integer(.max), 1_000_000, 1_000_000), (.text("7"), 1, 0),
            (.integer(999_999), 1_000_000, 999_999), (.integer(1_000_000), 1_000_000, 1_000_000),
        ] as [(HeaderValue, Int, Int)]
    )
    func forged(value: HeaderValue, count: Int, retries: Int) {
        let attempts = Attempts(headers: ["upload-attempts": value, "upload-retries": value])
        #expect(attempts == Attempts(count: count, retriesDone: retries, firstFailedAt: nil))
        #expect(attempts.count == count)
        #expect(attempts.retriesDone == retries)
    }

    @Test(
        "with a time that cannot be read have none",
        arguments: [.integer(5), .text("yesterday"), .text("")] as [HeaderValue]
    )
    func forgedTime(value: HeaderValue) {
        #expect(Attempts(headers: ["upload-first-failed-at": value]).firstFailedAt == nil)
    }
}
