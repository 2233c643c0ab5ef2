import Glibc
import Synchronization

/// Shuts a socket down from outside when the thread that owns it has been stuck in a call for too long.
///
/// The library waits for room in the socket without end when the peer stays silent; shut down, its call fails at once.
final class SocketGuard: Sendable {
    private struct State {
        var descriptor: Int32?
        var turnBegan: ContinuousClock.Instant?
        /// From the socket's opening until the broker has answered everything that a role asks first.
        var isOpening = true
    }

    private let state = Mutex(State())

    func watch(_ descriptor: Int32) {
        self.state.withLock { $0 = State(descriptor: descriptor, turnBegan: .now) }
    }

    /// To be called before the descriptor is closed: its number may then be another's.
    func unwatch() {
        self.state.withLock { $0 = State() }
    }

    /// The connection is ready for use.
    func opened() {
        self.state.withLock { $0.isOpening = false }
    }

    /// Shuts the socket down where the connection is not ready yet: nothing is lost by it.
    func interruptOpening() {
        self.state.withLock { state in
            guard state.isOpening, let descriptor = state.descriptor else { return }
            shutdown(descriptor, Int32(SHUT_RDWR))
        }
    }

    /// The thread is about to do work that should not take long.
    func turnBegins(at now: ContinuousClock.Instant) {
        self.state.withLock { $0.turnBegan = now }
    }

    /// The thread is about to wait in `poll`.
    func turnEnds() {
        self.state.withLock { $0.turnBegan = nil }
    }

    /// Shuts the socket down where a turn has lasted longer than `limit`; says whether it did.
    @discardableResult
    func interrupt(ifStuckFor limit: Duration, at now: ContinuousClock.Instant) -> Bool {
        self.state.withLock { state in
            guard let descriptor = state.descriptor, let began = state.turnBegan, now - began > limit else {
                return false
            }
            shutdown(descriptor, Int32(SHUT_RDWR))
            state.turnBegan = nil
            return true
        }
    }
}
