import Synchronization

/// Lets deliveries be handled together, or one alone: a request that was delivered several times may be what kills the
/// process, and must not take its neighbours with it.
///
/// In the order of arrival: who wants to be alone waits for those before, and those who come later wait for it. What is
/// alone for longer than `longestSolitude` goes on beside others: who hangs does not hold up the rest.
final class Turns: Sendable {
    private typealias Turn = CheckedContinuation<Void, Never>

    private struct State {
        /// Who is alone counts until its solitude is over.
        var running = 0
        var solitude: Int?
        var solitudeCount = 0
        var waiting: [(isAlone: Bool, turn: Turn)] = []

        mutating func begin(alone: Bool) -> Bool {
            guard self.solitude == nil, !alone || self.running == 0 else { return false }
            self.running += 1
            if alone {
                self.solitudeCount += 1
                self.solitude = self.solitudeCount
            }
            return true
        }

        mutating func endSolitude(_ number: Int?) {
            guard let number, self.solitude == number else { return }
            self.solitude = nil
            self.running -= 1
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
    private let longestSolitude: Duration

    static let longestSolitude = Duration.seconds(2)

    init(longestSolitude: Duration = Turns.longestSolitude) {
        self.longestSolitude = longestSolitude
    }

    /// Whether anybody waits for a turn.
    var hasWaiting: Bool { self.state.withLock { !$0.waiting.isEmpty } }

    /// Runs `body` beside others, or alone. A cancelled task waits its turn like any other.
    func take(alone: Bool, _ body: () async -> Void) async {
        await self.begin(alone: alone)
        if alone {
            await self.inSolitude(body)
        } else {
            await body()
            self.change { $0.running -= 1 }
        }
    }

    private func inSolitude(_ body: () async -> Void) async {
        let number = self.state.withLock(\.solitude)
        async let _: Void = self.endSolitudeInTime(number)
        await body()
        self.change { $0.endSolitude(number) }
    }

    private func endSolitudeInTime(_ number: Int?) async {
        do {
            try await Task.sleep(for: self.longestSolitude)
            self.change { $0.endSolitude(number) }
        } catch {
            // It ended by itself, in time.
        }
    }

    private func begin(alone: Bool) async {
        let hasBegun = self.state.withLock { $0.waiting.isEmpty && $0.begin(alone: alone) }
        if hasBegun { return }
        await withCheckedContinuation { turn in self.change { $0.waiting.append((alone, turn)) } }
    }

    /// Makes the change and lets those go on whose turn it is then.
    private func change(_ change: (inout State) -> Void) {
        let turns = self.state.withLock { state in
            change(&state)
            return state.next()
        }
        for turn in turns { turn.resume() }
    }
}
