import Foundation
import GRDB
import Uploads

extension SessionRow {
    /// Reads a row back; the checks that its values once passed hold again.
    static func session(_ row: Row) throws -> Session {
        let state: String = row["state"]
        let id: String = row["id"]
        let name = try Self.known(Session.State.Name(rawValue: state), "state", of: row)
        let endedAt: Double? = row["ended_at"]
        let contentType: String? = row["content_type"]
        let completion = name == .completed ? try Self.completion(row) : nil
        return Session(
            id: try Self.known(SessionID(parsing: id), "id", of: row),
            file: FileReference(
                userID: try UserID(parsing: row["user_id"] as String),
                fileID: try FileID(parsing: row["file_id"] as String)
            ),
            uploadID: try UploadID(parsing: row["upload_id"] as String),
            key: ObjectKey(row["object_key"] as String),
            partCount: row["part_count"],
            contentType: contentType.map(ContentType.init(stored:)),
            startedAt: Date(timeIntervalSince1970: row["started_at"]),
            expiresAt: Date(timeIntervalSince1970: row["expires_at"]),
            state: try Self.known(
                Session.State(
                    name: name,
                    endedAt: endedAt.map(Date.init(timeIntervalSince1970:)),
                    completion: completion
                ),
                "ended_at",
                of: row
            )
        )
    }

    private static func completion(_ row: Row) throws -> Completion {
        let algorithm: String? = row["checksum_algorithm"]
        let checksum: String? = row["checksum"]
        let contentType: String? = row["object_content_type"]
        return Completion(
            location: try Self.known(row["location"], "location", of: row),
            etag: try ETag(parsing: try Self.known(row["etag"], "etag", of: row)),
            size: try Self.known(row["size"], "size", of: row),
            checksum: algorithm.flatMap { algorithm in
                checksum.map { Checksum(algorithm: algorithm, value: $0) }
            },
            contentType: contentType.map(ContentType.init(stored:))
        )
    }

    private static func known<Value>(_ value: Value?, _ column: String, of row: Row) throws -> Value {
        guard let value else { throw UnreadableSession(id: row["id"], column: column) }
        return value
    }
}

/// A row that this program did not write, or another version of it.
struct UnreadableSession: Error, CustomStringConvertible {
    var id: String
    var column: String

    var description: String { "the session \(self.id) cannot be read: its column \(self.column) has no known value" }
}
