#if PostgreSQL
    import Foundation
    import Postgres
    import Uploads

    /// Upload sessions in PostgreSQL, where several workers share them.
    ///
    /// A commit is on disk when it returns. Where a connection is lost during a statement, the statement is repeated on another
    /// when the first has come to its end, so each is one that may happen twice.
    struct PostgresSessionStore: SessionStore {
        /// A worker's requests are many, each at the database for some milliseconds.
        private static let connections = 8
        /// How often a race with other workers for one file may be lost; each time somebody else has won one.
        private static let rounds = 10

        private let pool: ConnectionPool
        /// One connection, which holds the lock of the sweep.
        private let sweeps: ConnectionPool

        init(_ url: PostgresURL) {
            self.pool = ConnectionPool(
                named: "sessions",
                size: Self.connections,
                open: Self.opening(url),
                settle: Self.prove
            )
            self.sweeps = ConnectionPool(named: "sweep lock", size: 1, open: Self.opening(url), settle: Self.prove)
        }

        /// A connection that is durable, to a database whose tables are as this program needs them.
        static func opening(_ url: PostgresURL) -> @Sendable () throws(PostgresError) -> Connection {
            { () throws(PostgresError) in
                let connection = try Connection.open(url)
                try connection.makeDurable()
                try PostgresMigrations.run(on: connection)
                return connection
            }
        }

        /// Finds out now what every request would otherwise stumble over, and creates the tables.
        static func check(_ url: PostgresURL) throws(PostgresError) {
            try Self.prove(try Self.opening(url)())
        }

        func sessions(of file: FileReference, named uploadID: UploadID?) async throws -> KnownSessions {
            let rows = try await self.execute(PostgresSessionRow.known, PostgresSessionRow.upload(uploadID, of: file))
            return try KnownSessions(rows)
        }

        func insert(_ session: Session) async throws -> Session? {
            let upload = PostgresSessionRow.upload(session.uploadID, of: session.file)
            for _ in 1...Self.rounds {
                let values = PostgresSessionRow.values(of: session)
                if try await self.execute(PostgresSessionRow.insert, values).affected == 1 { return nil }
                // The rival may have ended since. It may also be this very session, from a connection that was lost.
                guard let rival = try await self.session(PostgresSessionRow.rival, upload) else { continue }
                return rival.id == session.id ? nil : rival
            }
            throw Self.tooManyRivals
        }

        func extend(_ session: Session) async throws -> Bool {
            let id = session.id.rawValue
            let extended = try await self.execute(PostgresSessionRow.extend, [id, session.expiresAt.column])
            if extended.affected == 1 { return true }
            return try await self.execute(PostgresSessionRow.stored, [id]).affected == 0
        }

        /// Marks the session: from then on no worker extends it.
        func beginExpiry(of session: Session) async throws -> Bool {
            let parameters = [session.id.rawValue, session.expiresAt.column]
            return try await self.execute(PostgresSessionRow.beginExpiry, parameters).affected == 1
        }

        func end(_ session: Session) async throws -> Session {
            let upload = PostgresSessionRow.upload(session.uploadID, of: session.file)
            for _ in 1...Self.rounds {
                let parameters = upload + PostgresSessionRow.end(of: session)
                if let ended = try await self.session(PostgresSessionRow.end, parameters) { return ended }
                if let stored = try await self.session(PostgresSessionRow.named, upload) { return stored }
                let values = PostgresSessionRow.values(of: session)
                if try await self.execute(PostgresSessionRow.insert, values).affected == 1 { return session }
            }
            throw Self.tooManyRivals
        }

        func overdue(before date: Date, skip: Int, limit: Int) async throws -> [Session] {
            let rows = try await self.execute(PostgresSessionRow.overdue, [date.column, "\(skip)", "\(limit)"])
            return try rows.values.map(PostgresSessionRow.session)
        }

        func forget(endedBefore date: Date, limit: Int) async throws -> Int {
            try await self.execute(PostgresSessionRow.forget, [date.column, "\(limit)"]).affected
        }

        func counts() async throws -> [Session.State.Name: Int] {
            var counts = Dictionary(uniqueKeysWithValues: Session.State.Name.allCases.map { ($0, 0) })
            for row in try await self.execute(PostgresSessionRow.counts, []).values {
                guard let state = row.first?.flatMap(Session.State.Name.init(rawValue:)) else { continue }
                counts[state] = row.last?.flatMap { Int($0) }
            }
            return counts
        }

        func note(_ check: StrayCheck) async throws {
            let parameters = PostgresSessionRow.file(check.file) + [check.key.rawValue, check.notedAt.column]
            _ = try await self.execute(PostgresStrayCheckRow.upsert, parameters)
        }

        func strayChecks(notedBefore date: Date, skip: Int, limit: Int) async throws -> [StrayCheck] {
            let rows = try await self.execute(PostgresStrayCheckRow.noted, [date.column, "\(skip)", "\(limit)"])
            return try rows.values.map(PostgresStrayCheckRow.check)
        }

        func forget(_ check: StrayCheck) async throws {
            let parameters = PostgresSessionRow.file(check.file) + [check.notedAt.column]
            _ = try await self.execute(PostgresStrayCheckRow.delete, parameters)
        }

        func proveWritable() async throws {
            try await self.perform(Self.prove)
        }
    }

    /// One sweep among many workers: the lock is the server's, held by a connection, and ends with it.
    extension PostgresSessionStore {
        func sweepingAlone(_ sweep: () async throws -> Void) async throws -> Bool {
            guard try await self.onSweepConnection(Self.lock) == "t" else { return false }
            do {
                try await sweep()
            } catch {
                _ = try? await self.onSweepConnection(Self.unlock)
                throw error
            }
            _ = try await self.onSweepConnection(Self.unlock)
            return true
        }

        private func onSweepConnection(_ statement: Statement) async throws -> String? {
            do throws(PostgresError) {
                return try await self.sweeps.perform { connection throws(PostgresError) in
                    try connection.execute(statement).values.first.flatMap { $0.first.flatMap(\.self) }
                }
            } catch {
                throw SessionStoreError(error)
            }
        }

        /// Of this set of tables: another in the same database has sweeps of its own.
        private static let sweepKey = "\(PostgresLocks.sweep), 'upload_session'::regclass::oid::integer"
        private static let lock = Statement("lock sweep", "SELECT pg_try_advisory_lock(\(Self.sweepKey))")
        private static let unlock = Statement("unlock sweep", "SELECT pg_advisory_unlock(\(Self.sweepKey))")
    }

    extension PostgresSessionStore {
        private static let tooManyRivals = SessionStoreError(
            reason: "other workers opened and ended sessions of one file faster than this one",
            summary: "other workers are faster",
            canPass: true
        )

        private static let proof = Statement("prove writable", "UPDATE upload_worker SET opened_at = $1")

        @Sendable
        private static func prove(_ connection: Connection) throws(PostgresError) {
            _ = try connection.execute(Self.proof, [Date().column])
        }

        private func session(_ statement: Statement, _ parameters: [String?]) async throws -> Session? {
            try await self.execute(statement, parameters).values.first.map(PostgresSessionRow.session)
        }

        private func execute(_ statement: Statement, _ parameters: [String?]) async throws -> Rows {
            try await self.perform { connection throws(PostgresError) in try connection.execute(statement, parameters) }
        }

        private func perform<Value: Sendable>(
            _ work: @escaping @Sendable (Connection) throws(PostgresError) -> Value
        ) async throws -> Value {
            do throws(PostgresError) {
                return try await self.pool.perform(work)
            } catch {
                throw SessionStoreError(error)
            }
        }
    }

    extension KnownSessions {
        /// From the rows of the statement `known`.
        init(_ rows: Rows) throws {
            func session(_ which: String) throws -> Session? {
                try rows.values.first { $0.last == which }.map(PostgresSessionRow.session)
            }
            self.init(named: try session("named"), latest: try session("latest"))
        }
    }

    extension SessionStoreError {
        init(_ error: PostgresError) {
            self.init(reason: "\(error)", summary: error.summary, canPass: error.canPass)
        }
    }

    extension PostgresError {
        /// Without the server's words, which name its host and user.
        fileprivate var summary: String {
            let kind =
                switch self.kind {
                case .unreachable: "the server cannot be reached"
                case .unsuitable: "the server is not set up for it"
                case .lost: "the connection was lost"
                case .refused: "the server refused a statement"
                }
            return kind + (self.state.map { " (SQLSTATE \($0))" } ?? "")
        }
    }
#endif
