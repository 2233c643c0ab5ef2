/// Who and what a request is about, as far as it could be read.
package struct RequestSubject: Hashable, Sendable {
    package let kind: RequestKind
    package let fileID: FileID?
    package let userID: UserID?
    package let uploadID: UploadID?

    package init(kind: RequestKind, fileID: FileID? = nil, userID: UserID? = nil, uploadID: UploadID? = nil) {
        self.kind = kind
        self.fileID = fileID
        self.userID = userID
        self.uploadID = uploadID
    }

    package init(_ request: UploadRequest) {
        self.init(
            kind: request.kind,
            fileID: request.file.fileID,
            userID: request.file.userID,
            uploadID: request.uploadID
        )
    }

    /// nil unless both ids could be read.
    package var file: FileReference? {
        guard let userID, let fileID else { return nil }
        return FileReference(userID: userID, fileID: fileID)
    }
}
