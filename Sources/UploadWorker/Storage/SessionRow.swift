import Foundation
import GRDB
import Uploads

/// The statements of the table `session`. Each is prepared once and kept.
enum SessionRow {
    /// The open one, or else the newest: an adopted session that is saved when it ends may follow the open one.
    static func latest(of file: FileReference, in db: Database) throws -> Session? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT * FROM session WHERE user_id = ? AND file_id = ?
                ORDER BY state = 'started' DESC, sequence DESC LIMIT 1
                """
        )
        return try Row.fetchOne(statement, arguments: [file.userID.rawValue, file.fileID.rawValue]).map(Self.session)
    }

    static func named(_ uploadID: UploadID, of file: FileReference, in db: Database) throws -> Session? {
        let statement = try db.cachedStatement(
            sql: "SELECT * FROM session WHERE user_id = ? AND file_id = ? AND upload_id = ?"
        )
        let arguments: StatementArguments = [file.userID.rawValue, file.fileID.rawValue, uploadID.rawValue]
        let session = try Row.fetchOne(statement, arguments: arguments).map(Self.session)
        // SQLite gets a text as far as its first NUL, which a requester's upload id may hold.
        return session?.uploadID == uploadID ? session : nil
    }

    /// Whether it was inserted: false where the file has an open session, or this upload is known already.
    static func insert(_ session: Session, in db: Database) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO session (id, user_id, file_id, upload_id, object_key, part_count, content_type, started_at,
                    expires_at, state, ended_at, location, etag, size, checksum_algorithm, checksum, object_content_type)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT DO NOTHING
                """
        )
        let identity: StatementArguments = [
            session.id.rawValue, session.file.userID.rawValue, session.file.fileID.rawValue,
            session.uploadID.rawValue, session.key.rawValue, session.partCount, session.contentType?.rawValue,
            session.startedAt.timeIntervalSince1970, session.expiresAt.timeIntervalSince1970,
        ]
        try statement.execute(arguments: identity + Self.end(of: session))
        return db.changesCount == 1
    }

    /// The columns from `state` to `object_content_type`.
    private static func end(of session: Session) -> StatementArguments {
        let completion = session.completion
        return [
            session.state.name.rawValue, session.endedAt?.timeIntervalSince1970, completion?.location,
            completion?.etag.rawValue, completion?.size, completion?.checksum?.algorithm, completion?.checksum?.value,
            completion?.contentType?.rawValue,
        ]
    }

    /// Whether it was open.
    static func extend(_ session: Session, in db: Database) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: "UPDATE session SET expires_at = MAX(expires_at, ?) WHERE id = ? AND state = 'started'"
        )
        try statement.execute(arguments: [session.expiresAt.timeIntervalSince1970, session.id.rawValue])
        return db.changesCount == 1
    }

    /// Nil where it is not stored.
    static func isOpen(_ session: Session, notExtended: Bool = false, in db: Database) throws -> Bool? {
        let statement = try db.cachedStatement(
            sql: "SELECT state = 'started' AND (NOT ? OR expires_at <= ?) FROM session WHERE id = ?"
        )
        let arguments: StatementArguments = [
            notExtended, session.expiresAt.timeIntervalSince1970, session.id.rawValue,
        ]
        return try Bool.fetchOne(statement, arguments: arguments)
    }

    /// Whether this was what ended it: false where it had ended before. By the upload, which may be stored under another id.
    static func end(_ session: Session, in db: Database) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE session SET state = ?, ended_at = ?, location = ?, etag = ?, size = ?, checksum_algorithm = ?,
                    checksum = ?, object_content_type = ?
                WHERE user_id = ? AND file_id = ? AND upload_id = ? AND state = 'started'
                """
        )
        let upload: StatementArguments = [
            session.file.userID.rawValue, session.file.fileID.rawValue, session.uploadID.rawValue,
        ]
        try statement.execute(arguments: Self.end(of: session) + upload)
        return db.changesCount == 1
    }

    static func overdue(before date: Date, skip: Int, limit: Int, in db: Database) throws -> [Session] {
        let statement = try db.cachedStatement(
            sql:
                "SELECT * FROM session WHERE state = 'started' AND expires_at < ? ORDER BY expires_at, sequence LIMIT ? OFFSET ?"
        )
        return try Row.fetchAll(statement, arguments: [date.timeIntervalSince1970, limit, skip]).map(Self.session)
    }

    static func counts(in db: Database) throws -> [Session.State.Name: Int] {
        let statement = try db.cachedStatement(sql: "SELECT state, sessions FROM session_count")
        return try Row.fetchAll(statement).reduce(into: [:]) { counts, row in
            guard let state = Session.State.Name(rawValue: row["state"]) else { return }
            counts[state] = row["sessions"]
        }
    }

    static func forget(endedBefore date: Date, limit: Int, in db: Database) throws -> Int {
        let statement = try db.cachedStatement(
            sql: """
                DELETE FROM session WHERE sequence IN (
                    SELECT sequence FROM session WHERE state <> 'started' AND ended_at < ? LIMIT ?)
                """
        )
        try statement.execute(arguments: [date.timeIntervalSince1970, limit])
        return db.changesCount
    }
}
