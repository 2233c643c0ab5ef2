#if PostgreSQL
    import Foundation

    /// A few connections, each with a thread of its own, since libpq waits by blocking.
    ///
    /// Connections are opened as they are needed and kept until they break. Work whose connection breaks is repeated on a new
    /// one, after the old one's statement has come to its end on the server: whoever gives work in must be content with its
    /// happening twice. Work that finds no connection fails at once, and so does all that waits: it is for the caller to wait.
    package final class ConnectionPool: Sendable {
        private let line: WorkLine

        /// - Parameters:
        ///   - open: makes a connection, ready for work.
        ///   - settle: writes something of no meaning; its commit comes after all that the connection lost before has committed.
        package init(
            named name: String,
            size: Int,
            open: @escaping @Sendable () throws(PostgresError) -> Connection,
            settle: @escaping @Sendable (Connection) throws(PostgresError) -> Void
        ) {
            let line = WorkLine(threads: size)
            let backends = BackendsInDoubt()
            self.line = line
            for index in 0..<size {
                let worker = ConnectionThread(index: index, line: line, backends: backends, open: open, settle: settle)
                let thread = Thread { worker.run() }
                thread.name = "\(name) \(index)"
                thread.start()
            }
        }

        deinit { self.line.close() }

        /// Does the work on one of the connections; more than once where the outcome of the first time is unknown.
        ///
        /// The work leaves no transaction open.
        package func perform<Value: Sendable>(
            _ work: @escaping @Sendable (Connection) throws(PostgresError) -> Value
        ) async throws(PostgresError) -> Value {
            let result: Result<Value, PostgresError> = await withCheckedContinuation { continuation in
                self.line.post(
                    Work(
                        run: { connection throws(PostgresError) in
                            let value = try work(connection)
                            return { continuation.resume(returning: .success(value)) }
                        },
                        fail: { continuation.resume(returning: .failure($0)) }
                    )
                )
            }
            return try result.get()
        }
    }
#endif
