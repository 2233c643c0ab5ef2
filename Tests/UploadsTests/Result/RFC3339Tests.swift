import Foundation
import Testing

@testable import Uploads

@Suite("RFC 3339")
struct RFC3339Tests {
    @Test(
        "states whole seconds in UTC, rounded down",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (0.999, "1970-01-01T00:00:00Z"), (1_800_000_000, "2027-01-15T08:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"), (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"), (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"), (1_735_689_599, "2024-12-31T23:59:59Z"),
            (1_735_689_600, "2025-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"), (-0.5, "1969-12-31T23:59:59Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"), (253_402_300_800, "9999-12-31T23:59:59Z"),
            (1e300, "9999-12-31T23:59:59Z"), (-62_135_596_800, "0001-01-01T00:00:00Z"),
            (-1e300, "0001-01-01T00:00:00Z"),
            (.infinity, "9999-12-31T23:59:59Z"),
        ] as [(Double, String)]
    )
    func text(seconds: Double, text: String) {
        #expect(RFC3339.text(of: Date(timeIntervalSince1970: seconds)) == text)
    }

    @Test("does not end the process over a date that is no number")
    func notANumber() {
        #expect(RFC3339.text(of: Date(timeIntervalSince1970: .nan)).count == 20)
    }

    @Test("reads back what it writes, and agrees with Foundation")
    func roundTrip() {
        let formatter = ISO8601DateFormatter()
        var generator = SeededGenerator(state: 1)
        for _ in 0..<500 {
            let date = Date(
                timeIntervalSince1970: Double(Int.random(in: -1_000_000_000...99_000_000_000, using: &generator))
            )
            let text = RFC3339.text(of: date)
            #expect(text == formatter.string(from: date))
            #expect(RFC3339.date(of: text) == date)
        }
    }

    @Test(
        "reads nothing else",
        arguments: [
            "", "now", "2027-01-15T08:00:00", "2027-01-15 08:00:00Z", "2027-01-15T08:00:00+00:00",
            "2027-01-15T08:00:00.0Z",
            "2027-02-29T00:00:00Z", "2027-13-01T00:00:00Z", "2027-00-01T00:00:00Z", "2027-01-32T00:00:00Z",
            "2027-01-00T00:00:00Z", "2027-01-15T24:00:00Z", "2027-01-15T08:60:00Z", "2027-01-15T08:00:60Z",
            "0000-01-01T00:00:00Z", "+027-01-15T08:00:00Z", "2027-01-15T-8:00:00Z", "2027/01/15T08:00:00Z",
            "2027-01-15T08:00:00z",
        ]
    )
    func refused(text: String) {
        #expect(RFC3339.date(of: text) == nil)
    }
}
