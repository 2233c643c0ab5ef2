import Foundation
import GRDB
import Uploads

/// The statements of the table `stray_upload`.
enum StrayRow {
    static func insert(_ stray: StrayUpload, in db: Database) throws {
        guard try SessionRow.named(stray.uploadID, of: stray.file, in: db) == nil else { return }
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO stray_upload (user_id, file_id, upload_id, object_key, found_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO NOTHING
                """
        )
        try statement.execute(
            arguments: [
                stray.file.userID.rawValue, stray.file.fileID.rawValue, stray.uploadID.rawValue, stray.key.rawValue,
                stray.foundAt.timeIntervalSince1970,
            ]
        )
    }

    static func found(before date: Date, skip: Int, limit: Int, in db: Database) throws -> [StrayUpload] {
        let statement = try db.cachedStatement(
            sql: "SELECT * FROM stray_upload WHERE found_at < ? ORDER BY found_at, upload_id LIMIT ? OFFSET ?"
        )
        return try Row.fetchAll(statement, arguments: [date.timeIntervalSince1970, limit, skip]).map(Self.stray)
    }

    static func delete(_ stray: StrayUpload, in db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "DELETE FROM stray_upload WHERE user_id = ? AND file_id = ? AND upload_id = ?"
        )
        try statement.execute(
            arguments: [stray.file.userID.rawValue, stray.file.fileID.rawValue, stray.uploadID.rawValue]
        )
    }

    private static func stray(_ row: Row) throws -> StrayUpload {
        StrayUpload(
            file: FileReference(
                userID: try UserID(parsing: row["user_id"] as String),
                fileID: try FileID(parsing: row["file_id"] as String)
            ),
            key: ObjectKey(row["object_key"] as String),
            uploadID: try UploadID(parsing: row["upload_id"] as String),
            foundAt: Date(timeIntervalSince1970: row["found_at"])
        )
    }
}
