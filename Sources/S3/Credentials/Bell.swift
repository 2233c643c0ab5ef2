import Synchronization

/// A ring that one task waits for; one that comes before is not lost, and several are as good as one.
final class Bell: Sendable {
    private enum State {
        case silent
        case rung
        case awaited(AsyncStream<Never>.Continuation)
    }

    private let state = Mutex(State.silent)

    func ring() {
        let waiting: AsyncStream<Never>.Continuation? = self.state.withLock { state in
            switch state {
            case .silent, .rung:
                state = .rung
                return nil
            case .awaited(let waiting):
                state = .silent
                return waiting
            }
        }
        waiting?.finish()
    }

    /// Returns at the next ring, or when cancelled.
    func wait() async {
        let (stream, waiting) = AsyncStream.makeStream(of: Never.self)
        self.state.withLock { state in
            if case .rung = state {
                state = .silent
                waiting.finish()
            } else {
                state = .awaited(waiting)
            }
        }
        for await _ in stream {}
        // Cancelled: whoever rings from now on is to be heard the next time.
        self.state.withLock { state in
            if case .awaited = state { state = .silent }
        }
    }
}
