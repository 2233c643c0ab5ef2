import Synchronization

/// What a replay may hold in memory at a time.
final class ReplayBudget: Sendable {
    private let size: Int
    private let used = Mutex((bytes: 0, isSpent: false))

    init(bytes: Int = 64 << 20) { self.size = bytes }

    /// Whether a message with such a body may be held; after the first no, none may, so that order is kept.
    func take(_ bytes: Int) -> Bool {
        self.used.withLock { used in
            let cost = Self.cost(bytes)
            used.isSpent = used.isSpent || (used.bytes > 0 && used.bytes + cost > self.size)
            if !used.isSpent { used.bytes += cost }
            return !used.isSpent
        }
    }

    /// The message is held no more.
    func giveBack(_ bytes: Int) {
        self.used.withLock { $0.bytes -= Self.cost(bytes) }
    }

    /// With headers and what this program makes of a message, roughly.
    private static func cost(_ bytes: Int) -> Int { bytes + 2048 }
}
