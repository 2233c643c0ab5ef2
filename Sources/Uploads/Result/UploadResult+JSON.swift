extension UploadResult {
    /// The body of the message.
    package func json() -> [UInt8] {
        var writer = JSONWriter(capacity: self.expectedSize)
        writer.object { object in
            object.member("version", 1)
            object.member("type", self.type)
            switch self {
            case .started(let grant): object.members(of: grant)
            case .resumed(let grant, let parts):
                object.members(of: grant)
                object.members(of: parts)
            case .completed(let session, let completion): object.members(of: session, completion)
            case .aborted(let session): object.members(of: session)
            case .expired(let session):
                object.members(of: session)
                object.member("started_at", RFC3339.text(of: session.startedAt))
            case .failed(let failed): object.members(of: failed)
            }
        }
        return writer.bytes
    }

    /// Enough, mostly, for the buffer never to grow.
    private var expectedSize: Int {
        switch self {
        case .started(let grant): 1024 + grant.urls.reduce(0) { $0 + $1.text.utf8.count + 3 }
        case .resumed(let grant, let parts): 1024 + grant.urls.reduce(parts.count * 100) { $0 + $1.text.utf8.count + 3 }
        case .completed, .aborted, .expired, .failed: 1024
        }
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: StaticString, _ value: String?) {
        self.name(name)
        if let value { self.string(value) } else { self.null() }
    }

    fileprivate mutating func member(_ name: StaticString, _ value: some BinaryInteger) {
        self.name(name)
        self.integer(value)
    }

    fileprivate mutating func members(fileID: FileID?, userID: UserID?) {
        self.member("id", fileID?.rawValue)
        self.member("file_id", fileID?.rawValue)
        self.member("user_id", userID?.rawValue)
    }

    fileprivate mutating func members(of session: Session) {
        self.members(fileID: session.file.fileID, userID: session.file.userID)
        self.member("upload_id", session.uploadID.rawValue)
        self.member("key", session.key.rawValue)
    }

    fileprivate mutating func members(of grant: Grant) {
        self.members(of: grant.session)
        self.member("part_count", grant.partCount)
        self.member("content_type", grant.session.contentType?.rawValue)
        self.name("presigned_urls")
        self.array(grant.urls) { $0.string($1.text) }
        self.member("expires_at", RFC3339.text(of: grant.expiresAt))
    }

    fileprivate mutating func members(of parts: [UploadedPart]) {
        self.name("uploaded_parts")
        self.array(parts) { writer, part in
            writer.object { object in
                object.member("part_number", part.number)
                object.member("etag", part.etag.rawValue)
                object.member("size", part.size)
            }
        }
    }

    fileprivate mutating func members(of session: Session, _ completion: Completion) {
        self.members(of: session)
        self.member("content_type", (completion.contentType ?? session.contentType)?.rawValue)
        self.member("location", completion.location)
        self.member("etag", completion.etag.rawValue)
        self.member("filesize", completion.size)
        if let checksum = completion.checksum {
            self.member("checksum", checksum.value)
            self.member("checksum_algorithm", checksum.algorithm)
        }
    }

    fileprivate mutating func members(of failed: FailedRequest) {
        self.members(fileID: failed.subject.fileID, userID: failed.subject.userID)
        self.member("request", failed.subject.kind.rawValue)
        if let uploadID = failed.subject.uploadID { self.member("upload_id", uploadID.rawValue) }
        self.name("error")
        self.object { error in
            error.member("status", failed.failure.status)
            error.member("code", failed.failure.code.rawValue)
            error.member("message", failed.failure.message)
            if let field = failed.failure.field { error.member("field", field) }
            error.name("retryable")
            error.bool(failed.failure.isRetryable)
        }
    }
}
