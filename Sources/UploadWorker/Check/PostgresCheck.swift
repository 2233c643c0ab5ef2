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
            guard try PostgresMigrations.isDone(on: connection) else { return try self.unmade(connection) }
            let missing = try connection.execute(Self.missingRights).values.compactMap { $0.first ?? nil }
            guard missing.isEmpty else {
                return .failure(
                    Self.schema,
                    "\(self.url): the user may not \(missing.joined(separator: ", "))",
                    remedy: "GRANT SELECT, INSERT, UPDATE, DELETE on all tables that begin with upload_"
                )
            }
            return .ok(Self.schema, "the tables are as this version needs them, and the user may use them")
        }

        private func unmade(_ connection: Connection) throws(PostgresError) -> CheckResult {
            guard try connection.execute(Self.mayCreate).values.first?.first == "t" else {
                return .failure(
                    Self.schema,
                    "\(self.url) has not all tables yet, and the user may not create them",
                    remedy: "GRANT CREATE on the schema, or run upload-worker once as a user that has it"
                )
            }
            return .ok(Self.schema, "not all tables are there yet; upload-worker run makes them at its start")
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
        private static let mayCreate = Statement(
            "check create",
            "SELECT has_schema_privilege(current_schema(), 'CREATE')"
        )
        /// What a worker does, a right and a table a row. A worker only reads `upload_migration` once all is there.
        private static let missingRights = Statement(
            "check rights",
            """
            SELECT r.name || ' ' || t.name
            FROM (VALUES ('upload_session'), ('upload_stray_check'), ('upload_worker')) AS t (name),
                (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) AS r (name)
            WHERE NOT has_table_privilege(to_regclass(t.name), r.name)
            ORDER BY t.name, r.name
            """
        )
    }
#endif
