import Foundation
import GRDB
import Uploads

/// The statements of the table `stray_check`.
enum StrayCheckRow {
    static func upsert(_ check: StrayCheck, in db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO stray_check (user_id, file_id, object_key, noted_at) VALUES (?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET noted_at = MAX(noted_at, excluded.noted_at)
                """
        )
        try statement.execute(
            arguments: [
                check.file.userID.rawValue, check.file.fileID.rawValue, check.key.rawValue,
                check.notedAt.timeIntervalSince1970,
            ]
        )
    }

    static func noted(before date: Date, skip: Int, limit: Int, in db: Database) throws -> [StrayCheck] {
        let statement = try db.cachedStatement(
            sql: "SELECT * FROM stray_check WHERE noted_at < ? ORDER BY noted_at, user_id, file_id LIMIT ? OFFSET ?"
        )
        return try Row.fetchAll(statement, arguments: [date.timeIntervalSince1970, limit, skip]).map(Self.check)
    }

    /// One that was noted again since stays.
    static func delete(_ check: StrayCheck, in db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "DELETE FROM stray_check WHERE user_id = ? AND file_id = ? AND noted_at <= ?"
        )
        try statement.execute(
            arguments: [
                check.file.userID.rawValue, check.file.fileID.rawValue, check.notedAt.timeIntervalSince1970,
            ]
        )
    }

    private static func check(_ row: Row) throws -> StrayCheck {
        StrayCheck(
            file: FileReference(
                userID: try UserID(parsing: row["user_id"] as String),
                fileID: try FileID(parsing: row["file_id"] as String)
            ),
            key: ObjectKey(row["object_key"] as String),
            notedAt: Date(timeIntervalSince1970: row["noted_at"])
        )
    }
}
