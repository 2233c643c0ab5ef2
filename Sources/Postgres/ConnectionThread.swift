#if PostgreSQL
    import Synchronization

    /// Does the line's work on a connection of its own.
    struct ConnectionThread: Sendable {
        let index: Int
        let line: WorkLine
        let backends: BackendsInDoubt
        let open: @Sendable () throws(PostgresError) -> Connection
        let settle: @Sendable (Connection) throws(PostgresError) -> Void

        /// How often work is begun whose connection breaks, or that loses a race, each time.
        private static let attempts = 4

        func run() {
            var connection: Connection?
            while let work = self.line.next(for: self.index) { self.carryOut(work, on: &connection) }
        }

        private func carryOut(_ work: Work, on connection: inout Connection?) {
            var failure = PostgresError(.unreachable, "nothing was tried")
            for _ in 1...Self.attempts {
                do throws(PostgresError) {
                    let usable: Connection
                    if let connection { usable = connection } else { usable = try self.open() }
                    connection = usable
                    try self.backends.end(by: usable, self.settle)
                    let tell = try work.run(usable)
                    return tell()
                } catch {
                    failure = error
                }
                self.closeIfSpoilt(&connection, failure)
                guard failure.isWorthRepeating else { break }
            }
            // In this order: nobody is told before what may come late is known.
            let waiting = failure.kind == .unreachable ? self.line.takeAll() : []
            for each in [work] + waiting { each.fail(failure) }
        }

        private func closeIfSpoilt(_ connection: inout Connection?, _ failure: PostgresError) {
            guard let old = connection, old.isSpoilt || failure.spoilsConnection else { return }
            if let backend = old.backendInDoubt { self.backends.note(backend) }
            connection = nil
        }
    }

    /// Backends that may still be at a statement whose connection was given up.
    final class BackendsInDoubt: Sendable {
        private let backends = Mutex<Set<Backend>>([])

        func note(_ backend: Backend) {
            self.backends.withLock { _ = $0.insert(backend) }
        }

        /// Ends them, and makes sure that what they have committed is as safe as any commit: they may have been waiting for a
        /// replica.
        func end(
            by connection: Connection,
            _ settle: (Connection) throws(PostgresError) -> Void
        ) throws(PostgresError) {
            let found = self.backends.withLock { $0 }
            guard !found.isEmpty else { return }
            for backend in found { try connection.end(backend) }
            try settle(connection)
            self.backends.withLock { $0.subtract(found) }
        }
    }
#endif
