import Synchronization

/// Lets deliveries be handled together, or one alone: a request that was delivered several times may be what kills the
/// process, and must not take its neighbours with it.
///
/// In the order of arrival: who wants to be alone waits for those before, and those who come later wait for it. Nobody
/// waits for one who hangs for longer than `longestSolitude`: what is alone goes on beside others then, and what waits to
/// be alone waits no more for those who are at it since before.
final class Turns: Sendable {
    private typealias Turn = CheckedContinuation<Begun, Never>

    private enum Begun {
        /// Nobody who wants to be alone waits any more for those who began in an earlier era.
        case together(era: Int)
        case alone(Int)
    }

    private struct Waiter {
        var number: Int
        var isAlone: Bool
        var turn: Turn
        /// Since when nothing but those who run together keeps it from its turn.
        var isNextSince: ContinuousClock.Instant?
    }

    private struct State {
        /// Those who are waited for. Who is alone counts until its solitude is over.
        var running = 0
        var era = 0
        var solitude: Int?
        var solitudeCount = 0
        var waiting: [Waiter] = []
        var waiterCount = 0

        mutating func begin(alone: Bool) -> Begun? {
            guard self.solitude == nil, !alone || self.running == 0 else { return nil }
            self.running += 1
            guard alone else { return .together(era: self.era) }
            self.solitudeCount += 1
            self.solitude = self.solitudeCount
            return .alone(self.solitudeCount)
        }

        mutating func end(_ begun: Begun) {
            switch begun {
            case .together(let era): if era == self.era { self.running -= 1 }
            case .alone(let number):
                guard self.solitude == number else { return }
                self.solitude = nil
                self.running -= 1
            }
        }

        /// Those whose turn it is now.
        mutating func next() -> [(Turn, Begun)] {
            var turns: [(Turn, Begun)] = []
            while let first = self.waiting.first, let begun = self.begin(alone: first.isAlone) {
                turns.append((self.waiting.removeFirst().turn, begun))
            }
            if self.solitude == nil, let first = self.waiting.first, first.isNextSince == nil {
                self.waiting[0].isNextSince = .now
            }
            return turns
        }

        /// Ends the wait of whoever is next for those who are at it, if it has lasted so long.
        ///
        /// - Returns: when to look again; nil where the one of that number waits no more.
        mutating func endWait(of number: Int, after limit: Duration) -> ContinuousClock.Instant? {
            guard let waiter = self.waiting.first(where: { $0.number == number }) else { return nil }
            let now = ContinuousClock.now
            guard let since = waiter.isNextSince else { return now + limit }
            guard now >= since + limit else { return since + limit }
            self.era += 1
            self.running = 0
            return nil
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
        let begun = await self.begin(alone: alone)
        if alone {
            await self.inSolitude(begun, body)
        } else {
            await body()
            self.change { $0.end(begun) }
        }
    }

    private func inSolitude(_ begun: Begun, _ body: () async -> Void) async {
        async let _: Void = self.endInTime(begun)
        await body()
        self.change { $0.end(begun) }
    }

    private func endInTime(_ begun: Begun) async {
        guard await self.pause(until: .now + self.longestSolitude) else { return }
        self.change { $0.end(begun) }
    }

    private func begin(alone: Bool) async -> Begun {
        let (begun, number) = self.state.withLock { state in
            state.waiterCount += 1
            return (state.waiting.isEmpty ? state.begin(alone: alone) : nil, state.waiterCount)
        }
        if let begun { return begun }
        return alone ? await self.waitToBeAlone(as: number) : await self.wait(as: number, alone: false)
    }

    private func waitToBeAlone(as number: Int) async -> Begun {
        async let _: Void = self.endWaitInTime(of: number)
        return await self.wait(as: number, alone: true)
    }

    private func wait(as number: Int, alone: Bool) async -> Begun {
        await withCheckedContinuation { turn in
            self.change { $0.waiting.append(Waiter(number: number, isAlone: alone, turn: turn)) }
        }
    }

    private func endWaitInTime(of number: Int) async {
        var next: ContinuousClock.Instant? = .now + self.longestSolitude
        while let due = next, await self.pause(until: due) {
            next = self.change { $0.endWait(of: number, after: self.longestSolitude) }
        }
    }

    /// - Returns: false where what was to be ended has ended by itself before, in time.
    private func pause(until end: ContinuousClock.Instant) async -> Bool {
        do {
            try await Task.sleep(until: end)
            return true
        } catch {
            return false
        }
    }

    /// Makes the change and lets those go on whose turn it is then.
    private func change<Value>(_ change: (inout State) -> Value) -> Value {
        let (value, turns) = self.state.withLock { state in
            let value = change(&state)
            return (value, state.next())
        }
        for (turn, begun) in turns { turn.resume(returning: begun) }
        return value
    }
}
