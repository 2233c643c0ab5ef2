/// The fields of a request's body, each read and checked when asked for.
struct RequestFields {
    let object: JSONObject
    let rules: UploadRules

    func checkVersion() throws(UploadFailure) {
        guard let version = self.object["version"] else { return }
        guard version.integer == 1 else { throw .unsupportedVersion(found: .version(version)) }
    }

    func file() throws(UploadFailure) -> FileReference {
        let fileID = try self.fileID()
        return FileReference(userID: try self.userID(), fileID: fileID)
    }

    func fileID() throws(UploadFailure) -> FileID {
        let value = self.object["file_id"]
        guard let text = value?.string else { throw .invalidFileID(found: .value(value)) }
        return try FileID(parsing: text)
    }

    func userID() throws(UploadFailure) -> UserID {
        let value = self.object["user_id"]
        if let text = value?.string { return try UserID(parsing: text) }
        guard let number = value?.integer else { throw .invalidUserID(found: .value(value)) }
        return try UserID(parsing: number)
    }

    func partCount() throws(UploadFailure) -> Int {
        let value = self.object["part_count"]
        guard let count = value?.integer, (1...Int64(self.rules.maxPartCount)).contains(count) else {
            throw .invalidPartCount(found: .value(value), max: self.rules.maxPartCount)
        }
        return Int(count)
    }

    func contentType() throws(UploadFailure) -> ContentType {
        guard let value = self.optional("content_type") else { return .unspecified }
        guard let text = value.string else {
            throw .invalidContentType(found: .value(value), allowed: self.rules.allowedContentTypes)
        }
        return try ContentType(parsing: text, allowed: self.rules.allowedContentTypes)
    }

    func uploadID() throws(UploadFailure) -> UploadID {
        let value = self.object["upload_id"]
        guard let text = value?.string else { throw .invalidUploadID(found: .value(value)) }
        return try UploadID(parsing: text)
    }

    /// nil where the field is absent or null.
    func optional(_ name: String) -> JSONValue? {
        let value = self.object[name]
        return value == .null ? nil : value
    }

    /// The ids that keep their rules, whatever else is wrong.
    func readableSubject(of kind: RequestKind) -> RequestSubject {
        RequestSubject(
            kind: kind,
            fileID: try? self.fileID(),
            userID: try? self.userID(),
            uploadID: kind == .start ? nil : try? self.uploadID()
        )
    }
}
