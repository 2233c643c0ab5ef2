/// How often, and after how long, a call that failed in a way that can pass is made again in place.
package struct RetryPolicy: Sendable {
    package var tries: Int
    /// The longest first pause; each further one may be twice as long.
    package var base: Duration
    package var cap: Duration
    /// A store that asks for a longer pause than this is not called again in place.
    package var longestRetryAfter: Duration
    /// From 0 up to 1.
    package var random: @Sendable () -> Double
    package var sleep: @Sendable (Duration) async throws -> Void

    package init(
        tries: Int = 3,
        base: Duration = .milliseconds(100),
        cap: Duration = .seconds(2),
        longestRetryAfter: Duration = .seconds(5),
        random: @escaping @Sendable () -> Double = { .random(in: 0..<1) },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.tries = tries
        self.base = base
        self.cap = cap
        self.longestRetryAfter = longestRetryAfter
        self.random = random
        self.sleep = sleep
    }
}

extension RetryPolicy {
    /// The pause after that try (the first is 1), with full jitter; nil where there is to be no other.
    func delay(after attempt: Int, _ error: S3Error) -> Duration? {
        guard error.kind == .passing, attempt < self.tries else { return nil }
        let asked = error.retryAfter ?? .zero
        guard asked <= self.longestRetryAfter else { return nil }
        let longest = min(self.cap, self.base * (1 << min(attempt - 1, 20)))
        return max(asked, longest * self.random())
    }
}
