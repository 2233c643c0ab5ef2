#if PostgreSQL
    /// A connection as the server knows it. A process id alone is used again.
    struct Backend: Hashable, Sendable {
        let processID: String
        let startedAt: String
    }

    extension Connection {
        /// Makes a commit mean that it is on disk, keeps the server from waiting for ever, and reads back what came of it.
        package func makeDurable() throws(PostgresError) {
            _ = try self.execute(Self.settings, [ConnectionTimes.statement, ConnectionTimes.lock].map(\.milliseconds))
            let row = try self.execute(Self.circumstances).values.first ?? []
            guard row.count == 5, let processID = row[0], let startedAt = row[1] else {
                throw PostgresError(.unsuitable, "the server does not tell this connection's process")
            }
            self.backend = Backend(processID: processID, startedAt: startedAt)
            guard row[2] != "off" else {
                throw PostgresError(.unsuitable, "synchronous_commit is off and cannot be turned on")
            }
            guard row[3] == "UTF8" else {
                throw PostgresError(
                    .unsuitable,
                    "the database's encoding is \(row[3] ?? "unknown"): create one WITH ENCODING 'UTF8' TEMPLATE template0"
                )
            }
            guard row[4] != nil else {
                throw PostgresError(.unsuitable, "no schema of the search_path is there for this user")
            }
        }

        /// Whatever the user's or the database's own settings are; only a commit that is waited for is left as it is.
        private static let settings = Statement(
            "session settings",
            """
            SELECT set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false),
                set_config('idle_in_transaction_session_timeout', $1, false),
                set_config('default_transaction_isolation', 'read committed', false),
                set_config('extra_float_digits', '3', false),
                set_config('synchronous_commit', CASE current_setting('synchronous_commit')
                    WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)
            """
        )

        private static let circumstances = Statement(
            "session circumstances",
            """
            SELECT pg_backend_pid(), (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()),
                current_setting('synchronous_commit'), current_setting('server_encoding'), current_schema()
            """
        )

        /// Ends a backend that may still be at a statement of a connection given up: nothing it does comes late after this.
        ///
        /// - Throws: also where it does not end in time.
        func end(_ backend: Backend) throws(PostgresError) {
            let deadline = ContinuousClock.now + ConnectionTimes.backendEnd
            let parameters = [backend.processID, backend.startedAt]
            while try !self.execute(Self.terminate, parameters).values.isEmpty {
                guard ContinuousClock.now < deadline else {
                    throw PostgresError(.lost, "the server does not end a statement whose connection was lost")
                }
                sleep(for: .milliseconds(20))
            }
        }

        private static let terminate = Statement(
            "terminate backend",
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE pid = $1::integer AND backend_start = $2::timestamptz
            """
        )
    }

    extension Duration {
        fileprivate var milliseconds: String { "\(self.components.seconds * 1000)" }
    }
#endif
