import Synchronization

/// Work that several ask for at once and that is done once for all of them.
final class SharedRun: Sendable {
    private typealias Turn = CheckedContinuation<Void, Never>

    private let work: @Sendable () async -> Void
    /// Those who wait for the run that is under way; nil while there is none.
    private let turns = Mutex<[Turn]?>(nil)

    init(_ work: @escaping @Sendable () async -> Void) {
        self.work = work
    }

    var waiting: Int { self.turns.withLock { $0?.count ?? 0 } }

    /// Returns when the work was done: by this call, or by the one that is at it already.
    func run() async {
        if await self.joins() { return }
        await self.work()
        let turns = self.turns.withLock { turns in
            defer { turns = nil }
            return turns ?? []
        }
        for turn in turns { turn.resume() }
    }

    /// Waits for the run under way; false where there is none, and the caller is to make it.
    private func joins() async -> Bool {
        let isFirst = self.turns.withLock { turns in
            guard turns == nil else { return false }
            turns = []
            return true
        }
        if isFirst { return false }
        await withCheckedContinuation { turn in
            let isUnderWay = self.turns.withLock { turns in
                turns?.append(turn)
                return turns != nil
            }
            // It has ended in between: what was to be done is done.
            if !isUnderWay { turn.resume() }
        }
        return true
    }
}
