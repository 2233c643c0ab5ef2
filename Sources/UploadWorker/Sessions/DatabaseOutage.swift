import Synchronization

/// Whether the session database cannot be used for now: its disk is full, or its server away.
final class DatabaseOutage: Sendable {
    private let state = Mutex<SessionStoreError?>(nil)
    private let alarm: Alarm
    /// Rings for whoever tries the database until it takes writes again.
    let trial = Alarm()

    init(alarm: Alarm) {
        self.alarm = alarm
    }

    var isDown: Bool { self.cause != nil }
    /// Why, in words for everyone; nil while it takes writes.
    var reason: String? { self.cause.map { "the session database cannot be used: \($0.summary)" } }
    /// Why, for the log.
    var cause: SessionStoreError? { self.state.withLock(\.self) }

    func began(_ error: SessionStoreError) {
        self.state.withLock { $0 = error }
        self.alarm.ring()
        self.trial.ring()
    }

    /// It was tried in vain, and may say another reason than at first.
    func goesOn(_ error: SessionStoreError) {
        self.state.withLock { $0 = $0 == nil ? nil : error }
    }

    func ended() {
        self.state.withLock { $0 = nil }
        self.alarm.ring()
    }
}
