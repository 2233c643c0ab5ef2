import FoundationEssentials

/// One upload of one file, from its start to its end.
package struct Session: Hashable, Sendable {
    package let id: SessionID
    package let file: FileReference
    package let uploadID: UploadID
    package let key: ObjectKey
    /// nil for an adopted session: the store does not tell.
    package let partCount: Int?
    /// nil for an adopted session: the store does not tell.
    package let contentType: ContentType?
    package let startedAt: Date
    /// When the last URL given out ends; a while after it, a session still open is expired.
    package private(set) var expiresAt: Date
    package private(set) var state: State

    package init(
        id: SessionID,
        file: FileReference,
        uploadID: UploadID,
        key: ObjectKey,
        partCount: Int?,
        contentType: ContentType?,
        startedAt: Date,
        expiresAt: Date,
        state: State = .started
    ) {
        self.id = id
        self.file = file
        self.uploadID = uploadID
        self.key = key
        self.partCount = partCount
        self.contentType = contentType
        self.startedAt = startedAt
        self.expiresAt = expiresAt
        self.state = state
    }

    /// An upload that only the store knows, taken up as an open session.
    package static func adopted(
        id: SessionID,
        file: FileReference,
        uploadID: UploadID,
        key: ObjectKey,
        startedAt: Date,
        expiresAt: Date
    ) -> Self {
        Self(
            id: id,
            file: file,
            uploadID: uploadID,
            key: key,
            partCount: nil,
            contentType: nil,
            startedAt: startedAt,
            expiresAt: expiresAt
        )
    }
}

/// Transitions. An ended session stays as it is, whatever happens later.
extension Session {
    /// The end moves with the URLs given out, be it forward or back.
    package func extended(to expiresAt: Date) -> Self {
        guard self.state == .started else { return self }
        var session = self
        session.expiresAt = expiresAt
        return session
    }

    package func completed(with completion: Completion, at date: Date) -> Self {
        self.ended(.completed(completion, at: date))
    }

    package func aborted(at date: Date) -> Self {
        self.ended(.aborted(at: date))
    }

    package func expired(at date: Date) -> Self {
        self.ended(.expired(at: date))
    }

    private func ended(_ state: State) -> Self {
        guard self.state == .started else { return self }
        var session = self
        session.state = state
        return session
    }
}
