#if PostgreSQL
    import Foundation
    import Uploads

    extension PostgresSessionRow {
        /// Reads a row back; the checks that its values once passed hold again.
        static func session(_ row: [String?]) throws -> Session {
            var row = ColumnReader(row)
            let id = try row.known("id") { SessionID(parsing: $0) }
            let file = FileReference(
                userID: try UserID(parsing: try row.known("user_id") { $0 }),
                fileID: try FileID(parsing: try row.known("file_id") { $0 })
            )
            let uploadID = try UploadID(parsing: try row.known("upload_id") { $0 })
            let key = ObjectKey(try row.known("object_key") { $0 })
            let partCount = row.next().flatMap(Int.init)
            let contentType = row.next().map(ContentType.init(stored:))
            let startedAt = try row.known("started_at") { Date(column: $0) }
            let expiresAt = try row.known("expires_at") { Date(column: $0) }
            return Session(
                id: id,
                file: file,
                uploadID: uploadID,
                key: key,
                partCount: partCount,
                contentType: contentType,
                startedAt: startedAt,
                expiresAt: expiresAt,
                state: try Self.state(&row)
            )
        }

        private static func state(_ row: inout ColumnReader) throws -> Session.State {
            let name = try row.known("state") { Session.State.Name(rawValue: $0) }
            let endedAt = Date(column: row.next())
            let completion = name == .completed ? try Self.completion(&row) : nil
            guard let state = Session.State(name: name, endedAt: endedAt, completion: completion) else {
                throw UnreadableSession(id: row.id, column: "ended_at")
            }
            return state
        }

        private static func completion(_ row: inout ColumnReader) throws -> Completion {
            let location = try row.known("location") { $0 }
            let etag = try ETag(parsing: try row.known("etag") { $0 })
            let size = try row.known("size") { Int64($0) }
            let (algorithm, checksum) = (row.next(), row.next())
            return Completion(
                location: location,
                etag: etag,
                size: size,
                checksum: algorithm.flatMap { algorithm in checksum.map { Checksum(algorithm: algorithm, value: $0) } },
                contentType: row.next().map(ContentType.init(stored:))
            )
        }
    }

    /// A row's values, one after the other.
    private struct ColumnReader {
        /// The first column.
        let id: String
        private var values: ArraySlice<String?>

        init(_ row: [String?]) {
            self.id = row.first.flatMap(\.self) ?? "without an id"
            self.values = row[...]
        }

        mutating func next() -> String? { self.values.popFirst().flatMap(\.self) }

        mutating func known<Value>(_ column: String, _ read: (String) -> Value?) throws -> Value {
            guard let value = self.next().flatMap(read) else { throw UnreadableSession(id: self.id, column: column) }
            return value
        }
    }
#endif
