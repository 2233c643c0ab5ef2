/// What the requester, or whoever reads the results, is told.
package enum UploadResult: Equatable, Sendable {
    case started(Grant)
    case resumed(Grant, [UploadedPart])
    case completed(Session, Completion)
    case aborted(Session)
    /// Answers no request: a session's time is over.
    case expired(Session)
    case failed(FailedRequest)

    /// The routing key in the exchange of results.
    package var routingKey: String {
        switch self {
        case .started: "started"
        case .resumed: "resumed"
        case .completed: "completed"
        case .aborted: "aborted"
        case .expired: "expired"
        case .failed: "failed"
        }
    }

    /// The body's `type`, and the message's.
    package var type: String { "upload.\(self.routingKey)" }
}
