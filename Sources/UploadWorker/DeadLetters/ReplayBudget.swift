import Synchronization

/// What a portion of a replay may hold in memory.
final class ReplayBudget: Sendable {
    private let size: Int
    private let used = Mutex((bytes: 0, isSpent: false))

    init(bytes: Int = 64 << 20) { self.size = bytes }

    /// Whether a message with such a body may be held; after the first no, none may, so that order is kept.
    func take(_ bytes: Int) -> Bool {
        self.used.withLock { used in
            // Headers and what this program makes of a message, roughly.
            let cost = bytes + 2048
            used.isSpent = used.isSpent || (used.bytes > 0 && used.bytes + cost > self.size)
            if !used.isSpent { used.bytes += cost }
            return !used.isSpent
        }
    }
}
