import FoundationEssentials

/// How often a request was delivered to a handler, and since when it fails.
///
/// It travels in the message's headers, which a requester can forge: whatever they say, the counts stay within
/// bounds and grow with every retry.
package struct Attempts: Hashable, Sendable {
    package static let attemptsHeader = "upload-attempts"
    package static let retriesHeader = "upload-retries"
    package static let firstFailedAtHeader = "upload-first-failed-at"
    package static let headerNames = [attemptsHeader, retriesHeader, firstFailedAtHeader]

    package static let first = Attempts(count: 1, retriesDone: 0, firstFailedAt: nil)
    static let maxCount = 1_000_000

    /// This delivery included.
    package let count: Int
    package let retriesDone: Int
    package let firstFailedAt: Date?

    package init(count: Int, retriesDone: Int, firstFailedAt: Date?) {
        self.count = max(1, min(count, Self.maxCount))
        self.retriesDone = max(0, min(retriesDone, Self.maxCount))
        self.firstFailedAt = firstFailedAt
    }

    /// Reads the headers of a delivery, and counts it.
    package init(headers: [String: HeaderValue]) {
        self.init(
            count: Self.clamped(headers[Self.attemptsHeader]) + 1,
            retriesDone: Self.clamped(headers[Self.retriesHeader]),
            firstFailedAt: Self.date(headers[Self.firstFailedAtHeader])
        )
    }

    /// What a retry carries.
    package var headers: [String: HeaderValue] {
        var headers: [String: HeaderValue] = [
            Self.attemptsHeader: .integer(Int64(self.count)),
            Self.retriesHeader: .integer(Int64(self.retriesDone)),
        ]
        headers[Self.firstFailedAtHeader] = self.firstFailedAt.map { .text(RFC3339.text(of: $0)) }
        return headers
    }

    private static func clamped(_ value: HeaderValue?) -> Int {
        guard case .integer(let number) = value else { return 0 }
        return Int(max(0, min(number, Int64(self.maxCount))))
    }

    private static func date(_ value: HeaderValue?) -> Date? {
        guard case .text(let text) = value else { return nil }
        return RFC3339.date(of: text)
    }
}
