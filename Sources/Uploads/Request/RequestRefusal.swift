/// A request that breaks a rule, with those of its ids that keep theirs, so that the answer can name them.
package struct RequestRefusal: Error, Equatable, Sendable {
    package let failure: UploadFailure
    package let subject: RequestSubject

    package init(failure: UploadFailure, subject: RequestSubject) {
        self.failure = failure
        self.subject = subject
    }

    package var fileID: FileID? { self.subject.fileID }
    package var userID: UserID? { self.subject.userID }
    package var uploadID: UploadID? { self.subject.uploadID }
}
