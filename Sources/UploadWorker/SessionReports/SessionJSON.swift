import S3
import Uploads

extension Session {
    /// One line of `sessions list --format json`; `more` adds members.
    func json(more: (inout JSONWriter) -> Void = { _ in }) -> String {
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            writer.member("session_id", self.id.rawValue)
            writer.member("user_id", self.file.userID.rawValue)
            writer.member("file_id", self.file.fileID.rawValue)
            writer.member("upload_id", self.uploadID.rawValue)
            writer.member("key", self.key.rawValue)
            writer.member("state", self.state.name.rawValue)
            writer.member("part_count", self.partCount.map(Int64.init))
            writer.member("content_type", (self.completion?.contentType ?? self.contentType)?.rawValue)
            writer.member("started_at", RFC3339.text(of: self.startedAt))
            writer.member("expires_at", RFC3339.text(of: self.expiresAt))
            writer.member("ended_at", self.endedAt.map(RFC3339.text))
            writer.member("location", self.completion?.location)
            writer.member("etag", self.completion?.etag.rawValue)
            writer.member("filesize", self.completion?.size)
            more(&writer)
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension JSONWriter {
    /// What the store has of an open session: `parts` and `parts_problem`, of which one is null.
    mutating func member(_ stored: StoredParts) {
        self.name("parts")
        switch stored {
        case .parts(let parts):
            self.array(parts) { writer, part in
                writer.object { writer in
                    writer.member("part_number", Int64(part.number))
                    writer.member("etag", part.etag)
                    writer.member("size", part.size)
                }
            }
            self.member("parts_problem", nil as String?)
        case .notAsked:
            self.null()
            self.member("parts_problem", nil as String?)
        case .unknown(let reason):
            self.null()
            self.member("parts_problem", reason)
        }
    }
}
