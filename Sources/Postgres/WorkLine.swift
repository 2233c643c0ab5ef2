#if PostgreSQL
    import Dispatch
    import Synchronization

    /// One caller's work for a connection's thread, and how the caller hears of its end.
    struct Work: Sendable {
        /// What comes back tells the caller.
        let run: @Sendable (Connection) throws(PostgresError) -> @Sendable () -> Void
        let fail: @Sendable (PostgresError) -> Void
    }

    /// Work in the order in which it came, and the threads that wait for it.
    ///
    /// The thread that was last at work gets the next: no more connections are opened than are needed at once.
    final class WorkLine: Sendable {
        private struct State {
            var waiting: [Work] = []
            var idle: [Int]
            var handed: [Work?]
            var isClosed = false
        }

        private let state: Mutex<State>
        private let bells: [DispatchSemaphore]

        init(threads: Int) {
            self.state = Mutex(State(idle: [], handed: Array(repeating: nil, count: threads)))
            self.bells = (0..<threads).map { _ in DispatchSemaphore(value: 0) }
        }

        func post(_ work: Work) {
            let thread = self.state.withLock { state -> Int? in
                guard let thread = state.idle.popLast() else {
                    state.waiting.append(work)
                    return nil
                }
                state.handed[thread] = work
                return thread
            }
            if let thread { self.bells[thread].signal() }
        }

        /// Waits for the thread's next work; nil once the line is closed and empty.
        func next(for thread: Int) -> Work? {
            let (work, isClosed) = self.state.withLock { state -> (Work?, Bool) in
                if !state.waiting.isEmpty { return (state.waiting.removeFirst(), false) }
                if !state.isClosed { state.idle.append(thread) }
                return (nil, state.isClosed)
            }
            if work != nil || isClosed { return work }
            self.bells[thread].wait()
            return self.state.withLock { state in
                defer { state.handed[thread] = nil }
                return state.handed[thread]
            }
        }

        /// What waits for a thread, which is then the caller's.
        func takeAll() -> [Work] {
            self.state.withLock { state in
                defer { state.waiting = [] }
                return state.waiting
            }
        }

        func close() {
            let idle = self.state.withLock { state in
                defer { state.idle = [] }
                state.isClosed = true
                return state.idle
            }
            for thread in idle { self.bells[thread].signal() }
        }
    }
#endif
