import Synchronization

/// Whether the broker has taken no messages of this worker for so long that it is to take no more requests: each would wait
/// for its result to be published, and come again with every connection that is lost meanwhile.
final class PublishingOutage: Sendable {
    private struct State {
        var problem: String?
        var since: ContinuousClock.Instant?
        var isDown = false
    }

    /// A connection that is lost is usually made again within seconds.
    static let patience = Duration.seconds(20)

    private let state = Mutex(State())
    private let alarm: Alarm

    init(alarm: Alarm) {
        self.alarm = alarm
    }

    /// Why, in words; nil while results are published, or as long as they soon may be.
    var reason: String? {
        self.state.withLock { state in
            state.isDown ? state.problem.map { "results cannot be published: \($0)" } : nil
        }
    }

    /// To be told every second or so.
    ///
    /// - Parameter problem: what keeps messages from being published, in words; nil where nothing does.
    func note(_ problem: String?, at now: ContinuousClock.Instant = .now) {
        let hasChanged = self.state.withLock { state in
            state.problem = problem
            state.since = problem == nil ? nil : state.since ?? now
            let wasDown = state.isDown
            state.isDown = state.since.map { now - $0 >= Self.patience } ?? false
            return state.isDown != wasDown
        }
        if hasChanged { self.alarm.ring() }
    }
}
