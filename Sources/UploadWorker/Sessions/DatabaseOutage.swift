import Synchronization

/// Whether the session database takes no writes for now, a full disk above all.
final class DatabaseOutage: Sendable {
    private let cause = Mutex<String?>(nil)
    private let alarm: Alarm
    /// Rings for whoever tries the database until it takes writes again.
    let trial = Alarm()

    init(alarm: Alarm) {
        self.alarm = alarm
    }

    var isDown: Bool { self.reason != nil }
    /// Why, in words; nil while it takes writes.
    var reason: String? { self.cause.withLock { $0.map { "the session database takes no writes: \($0)" } } }

    func began(_ error: SessionStoreError) {
        self.cause.withLock { $0 = error.reason }
        self.alarm.ring()
        self.trial.ring()
    }

    /// It was tried in vain, and may say another reason than at first.
    func goesOn(_ error: SessionStoreError) {
        self.cause.withLock { $0 = $0 == nil ? nil : error.reason }
    }

    func ended() {
        self.cause.withLock { $0 = nil }
        self.alarm.ring()
    }
}
