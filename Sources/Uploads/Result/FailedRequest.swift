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

    package init(_ request: UploadRequest, failure: UploadFailure) {
        self.init(subject: RequestSubject(request), failure: failure)
    }
}
