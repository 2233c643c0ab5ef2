import Glibc
import Synchronization

/// Commands for a connection's thread. Posting never blocks and never calls out.
final class Mailbox<Command: Sendable>: Sendable {
    private struct State {
        var commands: [Command] = []
        var isClosed = false
        var isOwnerAsleep = false
    }

    private let state = Mutex(State())
    /// Nil when the process had no file descriptors left; the thread then looks in by itself.
    let doorbell: EventFD?

    init() {
        self.doorbell = EventFD()
    }

    /// Hands a command to the thread; false where there is no thread any more, and the command is the caller's.
    @discardableResult
    func post(_ command: Command) -> Bool {
        let (isAccepted, shouldRing) = self.state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.commands.append(command)
            defer { state.isOwnerAsleep = false }
            return (true, state.isOwnerAsleep)
        }
        if shouldRing { self.doorbell?.ring() }
        return isAccepted
    }

    /// Everything posted since the last time, in order.
    func takeAll() -> [Command] {
        self.state.withLock { state in
            guard !state.commands.isEmpty else { return [] }
            var taken: [Command] = []
            swap(&taken, &state.commands)
            return taken
        }
    }

    /// Asks to be woken by the next command; false where one is there already.
    func fallAsleep() -> Bool {
        self.state.withLock { state in
            state.isOwnerAsleep = state.commands.isEmpty
            return state.isOwnerAsleep
        }
    }

    /// Waits for a command, or for the time to be over; between `fallAsleep` and `wakeUp`.
    func wait(atMost timeout: Duration) {
        var bell = pollfd(fd: self.doorbell?.descriptor ?? -1, events: Int16(POLLIN), revents: 0)
        _ = poll(&bell, 1, timeout.milliseconds)
    }

    func wakeUp() {
        self.state.withLock { $0.isOwnerAsleep = false }
        self.doorbell?.silence()
    }

    /// Accepts nothing more, and gives what nobody took.
    func close() -> [Command] {
        self.state.withLock { state in
            state.isClosed = true
            var rest: [Command] = []
            swap(&rest, &state.commands)
            return rest
        }
    }
}
