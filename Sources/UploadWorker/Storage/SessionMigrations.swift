import GRDB

/// The schema of the session database, step by step. A step that was released is never edited.
enum SessionMigrations {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 sessions") { db in
            try db.execute(sql: Self.sessions)
        }
        migrator.registerMigration("2 stray checks") { db in
            try db.execute(sql: Self.strayChecks)
        }
        migrator.registerMigration("3 session counts") { db in
            try db.execute(sql: Self.sessionCounts)
        }
        return migrator
    }

    /// Times are seconds since 1970. The rules that must hold whatever the program does are constraints.
    private static let sessions = """
        CREATE TABLE worker (
            opened_at REAL NOT NULL
        ) STRICT;
        INSERT INTO worker (opened_at) VALUES (0);

        CREATE TABLE session (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            user_id TEXT NOT NULL,
            file_id TEXT NOT NULL,
            upload_id TEXT NOT NULL,
            object_key TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('started', 'completed', 'aborted', 'expired')),
            part_count INTEGER CHECK (part_count BETWEEN 1 AND 10000),
            content_type TEXT,
            started_at REAL NOT NULL,
            expires_at REAL NOT NULL,
            ended_at REAL CHECK ((ended_at IS NULL) = (state = 'started')),
            location TEXT,
            etag TEXT,
            size INTEGER CHECK (size >= 0),
            checksum_algorithm TEXT,
            checksum TEXT,
            object_content_type TEXT,
            UNIQUE (user_id, file_id, upload_id)
        ) STRICT;
        CREATE UNIQUE INDEX session_one_open_per_file ON session (user_id, file_id) WHERE state = 'started';
        CREATE INDEX session_by_file ON session (user_id, file_id, sequence);
        CREATE INDEX session_open_by_end ON session (expires_at) WHERE state = 'started';
        CREATE INDEX session_ended ON session (ended_at) WHERE state <> 'started';
        """

    private static let strayChecks = """
        CREATE TABLE stray_check (
            user_id TEXT NOT NULL,
            file_id TEXT NOT NULL,
            object_key TEXT NOT NULL,
            noted_at REAL NOT NULL,
            PRIMARY KEY (user_id, file_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX stray_check_by_age ON stray_check (noted_at);
        """

    /// Counted as they come and go: to count a million rows would hold up every commit.
    private static let sessionCounts = """
        CREATE TABLE session_count (
            state TEXT PRIMARY KEY NOT NULL,
            sessions INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO session_count (state, sessions)
            VALUES ('started', 0), ('completed', 0), ('aborted', 0), ('expired', 0);
        UPDATE session_count SET sessions = found.sessions
            FROM (SELECT state, COUNT(*) AS sessions FROM session GROUP BY state) AS found
            WHERE found.state = session_count.state;
        CREATE TRIGGER session_count_insert AFTER INSERT ON session BEGIN
            UPDATE session_count SET sessions = sessions + 1 WHERE state = NEW.state;
        END;
        CREATE TRIGGER session_count_update AFTER UPDATE OF state ON session WHEN NEW.state <> OLD.state BEGIN
            UPDATE session_count SET sessions = sessions - 1 WHERE state = OLD.state;
            UPDATE session_count SET sessions = sessions + 1 WHERE state = NEW.state;
        END;
        CREATE TRIGGER session_count_delete AFTER DELETE ON session BEGIN
            UPDATE session_count SET sessions = sessions - 1 WHERE state = OLD.state;
        END;
        """
}
