#if PostgreSQL
    import Foundation
    import Postgres
    import Uploads

    /// The statements of the table `upload_session`. Each is a transaction of its own that may be repeated: what it did the
    /// first time, it finds the second.
    enum PostgresSessionRow {
        private static let columns = """
            id, user_id, file_id, upload_id, object_key, part_count, content_type, started_at, expires_at, state, ended_at, \
            location, etag, size, checksum_algorithm, checksum, object_content_type
            """

        /// The open one, or else the newest; and the one of this upload id. Beside the columns, which of the two it is.
        static let known = Statement(
            "known sessions",
            """
            (SELECT \(Self.columns), 'latest' FROM upload_session WHERE user_id = $1 AND file_id = $2
             ORDER BY state = 'started' DESC, sequence DESC LIMIT 1)
            UNION ALL
            SELECT \(Self.columns), 'named' FROM upload_session WHERE user_id = $1 AND file_id = $2 AND upload_id = $3
            """
        )

        /// Beside the columns, the place in the order in which sessions were saved; a `WHERE` may follow.
        static let placed = "SELECT \(Self.columns), sequence FROM upload_session"

        static let insert = Statement(
            "insert session",
            """
            INSERT INTO upload_session (\(Self.columns))
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
            ON CONFLICT DO NOTHING
            """
        )

        /// What keeps a session from being inserted: the same upload, or the file's open session.
        static let rival = Statement(
            "rival session",
            """
            SELECT \(Self.columns) FROM upload_session
            WHERE user_id = $1 AND file_id = $2 AND (state = 'started' OR upload_id = $3)
            ORDER BY upload_id = $3 DESC LIMIT 1
            """
        )

        static let extend = Statement(
            "extend session",
            """
            UPDATE upload_session SET expires_at = GREATEST(expires_at, $2)
            WHERE id = $1 AND state = 'started' AND NOT is_expiring
            """
        )

        static let stored = Statement("session is stored", "SELECT 1 FROM upload_session WHERE id = $1")

        static let beginExpiry = Statement(
            "begin expiry",
            """
            UPDATE upload_session SET is_expiring = true WHERE id = $1 AND state = 'started' AND expires_at <= $2
            """
        )

        /// By the upload, not by the id: another worker may have adopted the upload under an id of its own.
        static let end = Statement(
            "end session",
            """
            UPDATE upload_session SET state = $4, ended_at = $5, location = $6, etag = $7, size = $8,
                checksum_algorithm = $9, checksum = $10, object_content_type = $11
            WHERE user_id = $1 AND file_id = $2 AND upload_id = $3 AND state = 'started'
            RETURNING \(Self.columns)
            """
        )

        static let named = Statement(
            "named session",
            "SELECT \(Self.columns) FROM upload_session WHERE user_id = $1 AND file_id = $2 AND upload_id = $3"
        )

        static let overdue = Statement(
            "overdue sessions",
            """
            SELECT \(Self.columns) FROM upload_session WHERE state = 'started' AND expires_at < $1
            ORDER BY expires_at, sequence OFFSET $2 LIMIT $3
            """
        )

        static let counts = Statement(
            "count sessions",
            "SELECT state, count(*) FROM upload_session GROUP BY state"
        )

        static let forget = Statement(
            "forget sessions",
            """
            DELETE FROM upload_session WHERE sequence IN (
                SELECT sequence FROM upload_session WHERE state <> 'started' AND ended_at < $1 LIMIT $2)
            """
        )
    }

    extension PostgresSessionRow {
        static func file(_ file: FileReference) -> [String?] { [file.userID.rawValue, file.fileID.rawValue] }

        /// What names an upload. One with a NUL, which a requester may have made up, is none that was stored.
        static func upload(_ uploadID: UploadID?, of file: FileReference) -> [String?] {
            let text = uploadID?.rawValue
            return Self.file(file) + [text?.utf8.contains(0) == true ? nil : text]
        }

        /// In the order of the columns.
        static func values(of session: Session) -> [String?] {
            [session.id.rawValue] + Self.file(session.file) + [
                session.uploadID.rawValue, session.key.rawValue, session.partCount.map(String.init),
                session.contentType?.rawValue, session.startedAt.column, session.expiresAt.column,
            ] + Self.end(of: session)
        }

        /// The columns from `state` to `object_content_type`.
        static func end(of session: Session) -> [String?] {
            let completion = session.completion
            return [
                session.state.name.rawValue, session.endedAt?.column, completion?.location, completion?.etag.rawValue,
                (completion?.size).map { "\($0)" }, completion?.checksum?.algorithm, completion?.checksum?.value,
                completion?.contentType?.rawValue,
            ]
        }
    }

    extension Date {
        /// The shortest digits that give back the same number.
        var column: String { "\(self.timeIntervalSince1970)" }

        init?(column: String?) {
            guard let seconds = column.flatMap(Double.init) else { return nil }
            self.init(timeIntervalSince1970: seconds)
        }
    }
#endif
