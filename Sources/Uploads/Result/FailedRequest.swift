/// A request and why it was not served.
package struct FailedRequest: Equatable, Sendable {
    package let subject: RequestSubject
    package let failure: UploadFailure

    package init(subject: RequestSubject, failure: UploadFailure) {
        self.subject = subject
        self.failure = failure
    }

    package init(_ refusal: RequestRefusal) {
        self.init(subject: refusal.subject, failure: refusal.failure)
    }

    /// Names the upload of the file's session where the request does not: who lost the id needs it to go on.
    package init(_ request: UploadRequest, failure: UploadFailure, session: Session? = nil) {
        let subject = RequestSubject(
            kind: request.kind,
            fileID: request.file.fileID,
            userID: request.file.userID,
            uploadID: request.uploadID ?? session?.uploadID
        )
        self.init(subject: subject, failure: failure)
    }
}
