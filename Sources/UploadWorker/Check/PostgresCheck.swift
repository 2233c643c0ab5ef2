#if PostgreSQL
    import Postgres

    /// Looks at the sessions' PostgreSQL as a worker would use it, and changes nothing there.
    struct PostgresCheck: Sendable {
        let url: PostgresURL
        let limit: Duration

        func run() async -> [CheckResult] {
            let results = await blocking(atMost: self.limit) { self.look() }
            return results ?? [self.failure("no answer in \(self.limit.settingText)")]
        }

        private func look() -> [CheckResult] {
            do throws(PostgresError) {
                let connection = try Connection.open(self.url)
                try connection.makeDurable()
                guard try connection.execute(Self.takesWrites).values.first?.first == "t" else {
                    return [self.failure("it takes no writes")]
                }
                let writable = CheckResult.ok(
                    Self.writable,
                    "\(self.url) takes commits, with synchronous_commit on"
                )
                return [writable, try self.schema(connection)]
            } catch {
                return [self.failure("\(error)")]
            }
        }

        private func schema(_ connection: Connection) throws(PostgresError) -> CheckResult {
            guard try PostgresMigrations.isDone(on: connection) else {
                return .warning(
                    Self.schema,
                    "\(self.url) has not all tables yet",
                    remedy: "upload-worker run makes them, as a user with CREATE on the schema"
                )
            }
            return .ok(Self.schema, "the tables are as this version needs them")
        }

        private func failure(_ reason: String) -> CheckResult {
            .failure(
                Self.writable,
                "\(self.url): \(reason)",
                remedy: "check SESSION_STORE, and the primary server's state and rights"
            )
        }

        private static let writable = "database.writable"
        private static let schema = "database.schema"
        private static let takesWrites = Statement(
            "check writes",
            "SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off'"
        )
    }
#endif
