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
        var isClosed = false
        /// -1 while no thread listens.
        var doorbell: CInt = -1
    }

    private let state = Mutex(State())

    /// False when the mailbox is closed: the command is dropped then, and the caller answers it.
    func post(_ command: Command) -> Bool {
        self.state.withLock { state in
            guard !state.isClosed else { return false }
            state.commands.append(command)
            // Under the lock, so that the descriptor cannot be closed meanwhile; a write to an eventfd does not block.
            if state.commands.count == 1 && state.doorbell >= 0 { eventfd_write(state.doorbell, 1) }
            return true
        }
    }

    /// All commands since the last time, in order.
    func take() -> [Command] {
        self.state.withLock { state in
            guard !state.commands.isEmpty else { return [] }
            defer { state.commands = [] }
            return state.commands
        }
    }

    /// The descriptor that becomes readable with the first command; nil where another thread listens already,
    /// the mailbox is closed, or the system gives none.
    func open() -> CInt? {
        self.state.withLock { state in
            guard !state.isClosed, state.doorbell < 0 else { return nil }
            state.doorbell = ccurl_eventfd()
            guard state.doorbell >= 0 else { return nil }
            if !state.commands.isEmpty { eventfd_write(state.doorbell, 1) }
            return state.doorbell
        }
    }

    /// Ends all posting and returns what was not taken.
    func close() -> [Command] {
        self.state.withLock { state in
            if state.doorbell >= 0 { Glibc.close(state.doorbell) }
            state.doorbell = -1
            state.isClosed = true
            defer { state.commands = [] }
            return state.commands
        }
    }
}
