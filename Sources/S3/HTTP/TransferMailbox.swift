import CCurl
import Glibc
import Synchronization

/// Commands for the thread that owns curl. Posting never blocks on a transfer.
///
/// Whatever is posted is answered exactly once: by the thread, or here when the thread has ended.
final class TransferMailbox: Sendable {
    typealias Answer = CheckedContinuation<Result<HTTPResponse, TransferFailure>, Never>

    enum Command {
        case start(WaitingTransfer)
        case cancel(id: UInt64)
        case stop
    }

    private struct State {
        var commands: [Command] = []
        var isOpen = false
        var isClosed = false
    }

    /// Readable once there are commands; negative where the system had none to give. It lives as long as the mailbox,
    /// so that it may be rung outside the lock.
    let doorbell = ccurl_eventfd()
    private let state = Mutex(State())

    deinit {
        if self.doorbell >= 0 { Glibc.close(self.doorbell) }
    }

    /// False when the mailbox is closed: the command is dropped then, and the caller answers it.
    func post(_ command: Command) -> Bool {
        let (isTaken, isFirst) = self.state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.commands.append(command)
            return (true, state.commands.count == 1)
        }
        if isFirst { eventfd_write(self.doorbell, 1) }
        return isTaken
    }

    /// Puts all commands since the last time in place of those in the array, whose storage is used again.
    func take(into commands: inout [Command]) {
        commands.removeAll(keepingCapacity: true)
        self.state.withLock { swap(&$0.commands, &commands) }
    }

    /// Whether the calling thread is the one to take the commands: the first that asks, and none after the end.
    func open() -> Bool {
        self.state.withLock { state in
            guard self.doorbell >= 0, !state.isOpen, !state.isClosed else { return false }
            state.isOpen = true
            return true
        }
    }

    /// Ends all posting and returns what was not taken.
    func close() -> [Command] {
        self.state.withLock { state in
            state.isClosed = true
            defer { state.commands = [] }
            return state.commands
        }
    }
}
