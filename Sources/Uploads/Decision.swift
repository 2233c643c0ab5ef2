/// What to do about a request, given the sessions that are known. Nothing has been done yet.
package enum Decision: Equatable, Sendable {
    /// Open a new session.
    case open(StartRequest)
    /// Give fresh URLs for a session that is open.
    case presign(Session)
    /// Make the object of these parts.
    case complete(Session, [Part])
    /// Give fresh URLs and list what the store has.
    case resume(Session)
    case abort(Session)
    /// The session named is not known here: ask the store for the upload, then decide again with the session adopted. The
    /// failure is the answer where the store does not know it either.
    case adopt(UploadRequest, otherwise: UploadFailure)
    case answer(UploadResult)
    case refuse(UploadFailure)

    package init(_ request: UploadRequest, sessions: KnownSessions) {
        switch request {
        case .start(let start):
            self.init(start, latest: sessions.latest)
        case .complete(let complete):
            self = Self.ofNamed(request, sessions) { Self(complete, session: $0) }
        case .resume:
            self = Self.ofNamed(request, sessions) { Self(resuming: $0) }
        case .abort:
            self = Self.ofNamed(request, sessions) { Self(aborting: $0) }
        }
    }

    private static func ofNamed(
        _ request: UploadRequest,
        _ sessions: KnownSessions,
        decide: (Session) -> Decision
    ) -> Decision {
        if let named = sessions.named { return decide(named) }
        let failure: UploadFailure = sessions.latest == nil ? .uploadNotFound : .uploadConflict
        // Asked for any other id, a store answers with errors that look like anything.
        guard request.uploadID?.couldBeAStores == true else { return .refuse(failure) }
        return .adopt(request, otherwise: failure)
    }

    private init(_ request: StartRequest, latest: Session?) {
        guard let latest else {
            self = .open(request)
            return
        }
        self =
            switch latest.state {
            case .started: latest.fits(request) ? .presign(latest) : .refuse(.fileConflict)
            case .completed: .refuse(.alreadyCompleted)
            case .aborted, .expired: .open(request)
            }
    }

    private init(_ request: CompleteRequest, session: Session) {
        self =
            switch session.state {
            case .started where session.partCount ?? request.parts.count == request.parts.count:
                .complete(session, request.parts)
            case .started: .refuse(.wrongPartCount(of: session, found: request.parts.count))
            case .completed(let completion, _): .answer(.completed(session, completion))
            case .aborted: .refuse(.uploadAborted)
            case .expired: .refuse(.uploadExpired)
            }
    }

    private init(resuming session: Session) {
        self =
            switch session.state {
            case .started: .resume(session)
            case .completed: .refuse(.alreadyCompleted)
            case .aborted: .refuse(.uploadAborted)
            case .expired: .refuse(.uploadExpired)
            }
    }

    private init(aborting session: Session) {
        self =
            switch session.state {
            case .started: .abort(session)
            case .completed: .refuse(.alreadyCompleted)
            case .aborted, .expired: .answer(.aborted(session))
            }
    }
}

extension Session {
    /// Of an adopted session nobody knows what it was started with.
    fileprivate func fits(_ request: StartRequest) -> Bool {
        self.partCount ?? request.partCount == request.partCount
            && self.contentType ?? request.contentType == request.contentType
    }
}

extension UploadFailure {
    fileprivate static func wrongPartCount(of session: Session, found: Int) -> Self {
        .invalidParts("the upload was started with \(session.partCount ?? found) parts, found \(found); name every one")
    }
}
