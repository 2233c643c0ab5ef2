#if PostgreSQL
    import Postgres

    /// The schema of the session database, step by step. A step that was released is never edited, and leaves the tables usable
    /// for the version before it: while workers are replaced, both run.
    enum PostgresMigrations {
        private static let steps = [Self.sessions]

        /// Brings the tables up to date. Where they are, only reads: the worker then needs no right to create any.
        static func run(on connection: Connection) throws(PostgresError) {
            guard try Self.version(on: connection) < Self.steps.count else { return }
            try connection.run("BEGIN")
            do throws(PostgresError) {
                // Several workers may start at once: the others find it done.
                _ = try connection.execute(Self.lock)
                try connection.run("CREATE TABLE IF NOT EXISTS upload_migration (version integer PRIMARY KEY)")
                for (index, step) in Self.steps.enumerated().dropFirst(try Self.newestVersion(on: connection)) {
                    try connection.run(step)
                    _ = try connection.execute(Self.note, ["\(index + 1)"])
                }
                try connection.run("COMMIT")
            } catch {
                // Where this fails too, the connection is lost, and with it the transaction.
                try? connection.run("ROLLBACK")
                throw error
            }
        }

        static func isDone(on connection: Connection) throws(PostgresError) -> Bool {
            try Self.version(on: connection) >= Self.steps.count
        }

        private static func version(on connection: Connection) throws(PostgresError) -> Int {
            guard try connection.execute(Self.table).values.first?.first != "f" else { return 0 }
            return try Self.newestVersion(on: connection)
        }

        private static func newestVersion(on connection: Connection) throws(PostgresError) -> Int {
            try connection.execute(Self.newest).values.first?.first?.flatMap { Int($0) } ?? 0
        }

        private static let table = Statement(
            "migrations exist",
            "SELECT to_regclass('upload_migration') IS NOT NULL"
        )
        private static let newest = Statement("newest migration", "SELECT max(version) FROM upload_migration")
        private static let note = Statement("note migration", "INSERT INTO upload_migration (version) VALUES ($1)")
        private static let lock = Statement(
            "lock migrations",
            "SELECT pg_advisory_xact_lock(\(PostgresLocks.migrations), hashtext(current_schema()))"
        )

        /// Times are seconds since 1970, as in the SQLite file. The rules that must hold whatever the program does are
        /// constraints. Texts compare by their bytes: an index must not depend on the system's locale.
        private static let sessions = """
            CREATE TABLE upload_worker (
                opened_at double precision NOT NULL
            );
            INSERT INTO upload_worker (opened_at) VALUES (0);

            CREATE TABLE upload_session (
                sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                id uuid NOT NULL UNIQUE,
                user_id text COLLATE "C" NOT NULL,
                file_id text COLLATE "C" NOT NULL,
                upload_id text COLLATE "C" NOT NULL,
                object_key text NOT NULL,
                state text NOT NULL CHECK (state IN ('started', 'completed', 'aborted', 'expired')),
                is_expiring boolean NOT NULL DEFAULT false,
                part_count integer CHECK (part_count BETWEEN 1 AND 10000),
                content_type text,
                started_at double precision NOT NULL,
                expires_at double precision NOT NULL,
                ended_at double precision CHECK ((ended_at IS NULL) = (state = 'started')),
                location text,
                etag text,
                size bigint CHECK (size >= 0),
                checksum_algorithm text,
                checksum text,
                object_content_type text,
                UNIQUE (user_id, file_id, upload_id)
            );
            CREATE UNIQUE INDEX upload_session_one_open_per_file ON upload_session (user_id, file_id)
                WHERE state = 'started';
            CREATE INDEX upload_session_by_file ON upload_session (user_id, file_id, sequence);
            CREATE INDEX upload_session_open_by_end ON upload_session (expires_at) WHERE state = 'started';
            CREATE INDEX upload_session_ended ON upload_session (ended_at) WHERE state <> 'started';

            CREATE TABLE upload_stray_check (
                user_id text COLLATE "C" NOT NULL,
                file_id text COLLATE "C" NOT NULL,
                object_key text NOT NULL,
                noted_at double precision NOT NULL,
                PRIMARY KEY (user_id, file_id)
            );
            CREATE INDEX upload_stray_check_by_age ON upload_stray_check (noted_at);
            """
    }

    /// The first keys of this program's advisory locks; the second tells databases of one server's database apart.
    enum PostgresLocks {
        static let migrations = 1_970_302_001
        static let sweep = 1_970_302_002
    }
#endif
