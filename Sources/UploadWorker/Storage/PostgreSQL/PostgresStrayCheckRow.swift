#if PostgreSQL
    import Foundation
    import Postgres
    import Uploads

    /// The statements of the table `upload_stray_check`.
    enum PostgresStrayCheckRow {
        static let upsert = Statement(
            "note stray check",
            """
            INSERT INTO upload_stray_check AS known (user_id, file_id, object_key, noted_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (user_id, file_id) DO UPDATE SET noted_at = GREATEST(known.noted_at, excluded.noted_at)
            """
        )

        static let noted = Statement(
            "stray checks",
            """
            SELECT user_id, file_id, object_key, noted_at FROM upload_stray_check WHERE noted_at < $1
            ORDER BY noted_at, user_id, file_id OFFSET $2 LIMIT $3
            """
        )

        /// One that was noted again since stays.
        static let delete = Statement(
            "forget stray check",
            "DELETE FROM upload_stray_check WHERE user_id = $1 AND file_id = $2 AND noted_at <= $3"
        )

        static func check(_ row: [String?]) throws -> StrayCheck {
            guard row.count == 4, let user = row[0], let file = row[1], let key = row[2],
                let noted = Date(column: row[3])
            else { throw UnreadableSession(id: "of a stray check", column: "noted_at") }
            return StrayCheck(
                file: FileReference(userID: try UserID(parsing: user), fileID: try FileID(parsing: file)),
                key: ObjectKey(key),
                notedAt: noted
            )
        }
    }
#endif
