import Synchronization

/// Tokens that retries cost and successes give back, so that a store in trouble is not sent three times the calls.
///
/// The figures are those of the AWS SDKs.
final class RetryBudget: Sendable {
    static let capacity = 500
    static let cost = 5
    static let costOfTimeout = 10

    private let tokens = Mutex(RetryBudget.capacity)

    /// What the retry costs, or nil where it cannot be paid.
    func pay(for error: S3Error) -> Int? {
        let cost = error.code == S3Error.timedOut ? Self.costOfTimeout : Self.cost
        return self.tokens.withLock { tokens in
            guard tokens >= cost else { return nil }
            tokens -= cost
            return cost
        }
    }

    /// Gives back what the last retry before a success had cost; the success of a first try gives one.
    func refund(_ cost: Int?) {
        self.tokens.withLock { tokens in
            tokens = min(Self.capacity, tokens + (cost ?? 1))
        }
    }
}
