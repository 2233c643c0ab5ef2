import Synchronization
import Uploads

/// Whether the store is taken to be down; told by every request that asked it.
final class StoreOutage: Sendable {
    private struct State {
        var watch: OutageWatch
        var lastFailure = ""
        /// How often anything was learnt about the store.
        var observations = 0
    }

    private let state: Mutex<State>
    private let alarm: Alarm
    /// Rings for whoever tries the store until it serves again.
    let trial = Alarm()

    init(after threshold: Int, alarm: Alarm) {
        self.state = Mutex(State(watch: OutageWatch(threshold: threshold)))
        self.alarm = alarm
    }

    var isDown: Bool { self.state.withLock(\.watch.isDown) }
    var observations: Int { self.state.withLock(\.observations) }

    /// Why, in words; nil while the store is up.
    var reason: String? {
        self.state.withLock { state in
            guard state.watch.isDown else { return nil }
            return
                "the store is down: \(state.watch.failuresInARow) requests in a row failed, the last with \(state.lastFailure)"
        }
    }

    func note(_ outcome: Outcome) {
        let change = self.state.withLock { state in
            if case .passing(let failure) = outcome { state.lastFailure = failure.message }
            if case .answeredWithoutStore = outcome {} else { state.observations += 1 }
            return state.watch.note(outcome)
        }
        if change == .began { self.trial.ring() }
        if change != nil { self.alarm.ring() }
    }

    /// The store was asked without a request, and answers.
    func noteAnswers() {
        self.state.withLock { $0.watch.answers() }
        self.alarm.ring()
    }
}
