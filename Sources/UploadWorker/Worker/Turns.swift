import Synchronization

/// Lets deliveries be handled together, or one alone: a request that was delivered several times may be what kills the
/// process, and must not take its neighbours with it.
///
/// In the order of arrival: who wants to be alone waits for those before, and those who come later wait for it.
final class Turns: Sendable {
    private typealias Turn = CheckedContinuation<Void, Never>

    private struct State {
        var running = 0
        var isAlone = false
        var waiting: [(isAlone: Bool, turn: Turn)] = []

        mutating func begin(alone: Bool) -> Bool {
            guard !self.isAlone, !alone || self.running == 0 else { return false }
            self.running += 1
            self.isAlone = alone
            return true
        }

        /// Those whose turn it is now.
        mutating func next() -> [Turn] {
            var turns: [Turn] = []
            while let first = self.waiting.first, self.begin(alone: first.isAlone) {
                turns.append(self.waiting.removeFirst().turn)
            }
            return turns
        }
    }

    private let state = Mutex(State())

    /// Whether anybody waits for a turn.
    var hasWaiting: Bool { self.state.withLock { !$0.waiting.isEmpty } }

    /// Runs `body` beside others, or alone. A cancelled task waits its turn like any other.
    func take(alone: Bool, _ body: () async -> Void) async {
        await self.begin(alone: alone)
        await body()
        let turns = self.state.withLock { state in
            state.running -= 1
            state.isAlone = false
            return state.next()
        }
        for turn in turns { turn.resume() }
    }

    private func begin(alone: Bool) async {
        let hasBegun = self.state.withLock { $0.waiting.isEmpty && $0.begin(alone: alone) }
        if hasBegun { return }
        await withCheckedContinuation { turn in
            let turns = self.state.withLock { state in
                state.waiting.append((alone, turn))
                return state.next()
            }
            for turn in turns { turn.resume() }
        }
    }
}
