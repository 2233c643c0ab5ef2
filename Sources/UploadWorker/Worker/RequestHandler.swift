import Foundation
import Logging
import S3
import Uploads

/// Carries out one request: decides, calls the store, saves the session, and tells the outcome.
///
/// Stopped between any two steps, it leaves what a repetition of the request finds and continues from: an upload in the
/// store that no session names (the next start opens another), or a session whose result was not published yet.
struct RequestHandler: Sendable {
    let rules: UploadRules
    let store: any MultipartStore
    let sessions: any SessionStore
    /// How long part URLs are asked to live.
    let urlExpiry: Duration
    let now: @Sendable () -> Date
    let makeSessionID: @Sendable () -> SessionID
    let logger: Logger

    /// - Throws: only what is neither the requester's fault nor the store's: the session database failed, or the task was
    ///   cancelled. The request then stays unacknowledged.
    /// - Parameter isRepeated: whether the request may have been tried before, and have left something in the store.
    func outcome(of request: UploadRequest, isRepeated: Bool = false) async throws -> Outcome {
        do {
            if isRepeated, request.kind == .start { try await self.noteStrayCheck(of: request.file) }
            let (decision, latest) = try await self.decision(on: request)
            return try await self.outcome(of: decision, for: request, latest)
        } catch let error as S3Error {
            CrashPoint.storeFailed.pass()
            if error.kind != .cancelled {
                self.logger.warning("Store failed", error: error, metadata: request.file.logMetadata)
            }
            return try Outcome(error)
        } catch let error as StoreContradiction {
            CrashPoint.storeContradicted.pass()
            return .passing(.storageUnavailable(error.description))
        } catch let error as UploadFailure {
            CrashPoint.storeBrokeRule.pass()
            // Not the requester's text but the store's: an upload id or ETag longer than any store's should be.
            return .permanent(.storageRejected("its answer breaks a rule of its own: \(error.message)"))
        }
    }

    private func decision(on request: UploadRequest) async throws -> (Decision, latest: Session?) {
        try await Span.within("decide") { span in
            let known = try await self.sessions.sessions(of: request.file, named: request.uploadID)
            let decision = Decision(request, sessions: known)
            span?.set("upload.decision", .text(decision.name))
            return (decision, known.latest)
        }
    }

    /// - Parameter latest: the file's newest session, which a refused start names.
    private func outcome(
        of decision: Decision,
        for request: UploadRequest,
        _ latest: Session?
    ) async throws -> Outcome {
        switch decision {
        case .answer(let result): .answeredWithoutStore(result)
        case .refuse(let failure): .answeredWithoutStore(.refused(request, failure, session: latest))
        case .open, .presign, .complete, .resume, .abort, .adopt:
            .answered(try await self.result(of: decision, for: request, latest))
        }
    }

    private func result(
        of decision: Decision,
        for request: UploadRequest,
        _ latest: Session?
    ) async throws -> UploadResult {
        guard case .adopt(_, let otherwise) = decision else { return try await self.carryOut(decision, of: request) }
        // The one case of a second look before anything is done: the store may know what the database does not.
        guard let session = try await self.adopt(request) else {
            CrashPoint.adoptionRefused.pass()
            return try await self.completedUnseen(request, beside: latest) ?? .refused(request, otherwise)
        }
        let second = Decision(request, sessions: KnownSessions(named: session, latest: session))
        return try await self.carryOut(second, of: request)
    }

    func carryOut(_ decision: Decision, of request: UploadRequest) async throws -> UploadResult {
        switch decision {
        case .open(let start): try await self.open(start)
        case .presign(let session): try await self.presignAgain(session, for: request)
        case .complete(let session, let parts): try await self.complete(session, parts, for: request)
        case .resume(let session): try await self.resume(session, for: request)
        case .abort(let session): try await self.abort(session, for: request)
        case .answer(let result): result
        case .refuse(let failure): .refused(request, failure)
        case .adopt(_, let otherwise): .refused(request, otherwise)
        }
    }

    /// Fresh URLs for a session's parts, and when they end.
    func grant(for session: Session) async throws -> Grant {
        let partCount = session.partCount ?? self.rules.maxPartCount
        let signed = try await self.store.presignedParts(
            key: session.key.rawValue,
            uploadID: session.uploadID.rawValue,
            partCount: partCount,
            asked: self.urlExpiry,
            now: self.now()
        )
        return Grant(
            session: session.extended(to: signed.expiresAt),
            urls: signed.urls.map { Uploads.PresignedURL($0.text) },
            expiresAt: signed.expiresAt
        )
    }

    /// The object of a session whose upload is gone from the store: there when its Complete took effect and the answer
    /// was lost, or when another worker completed it. The session's id in the object's metadata is the proof. Of an adopted
    /// session that id is not known: then it is an object that carries some session's id and is made of just the parts
    /// named or, where none are, came to be after the upload was seen open.
    func completedObject(of session: Session, madeOf parts: [Part] = []) async throws -> ObjectHead? {
        guard let head = try await self.store.headObject(key: session.key.rawValue),
            let sessionID = head.metadata[Session.metadataName]
        else { return nil }
        if sessionID == session.id.rawValue { return head }
        let isAdopted = session.partCount == nil
        guard isAdopted else { return nil }
        if parts.isEmpty {
            let modified = head.lastModified ?? .distantFuture
            return modified > session.startedAt.addingTimeInterval(-Self.largestSkew) ? head : nil
        }
        guard let etag = MultipartETag.ofObject(madeOf: parts) else { return nil }
        return head.etag == etag ? head : nil
    }
}

extension RequestHandler {
    /// In seconds, between this clock and the store's: it refuses requests of clocks that are further off
    /// (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, RequestTimeTooSkewed).
    private static let largestSkew: TimeInterval = 900
}

extension Decision {
    /// In a word, for traces.
    fileprivate var name: String {
        switch self {
        case .open: "open"
        case .presign: "presign"
        case .complete: "complete"
        case .resume: "resume"
        case .abort: "abort"
        case .adopt: "adopt"
        case .answer: "answer"
        case .refuse: "refuse"
        }
    }
}

extension Session {
    /// The name of the object's user metadata that holds the session's id.
    static let metadataName = "upload-session"
}

extension UploadResult {
    /// - Parameter session: names its upload to a start request, which cannot.
    static func refused(
        _ request: UploadRequest,
        _ failure: UploadFailure,
        session: Session? = nil
    ) -> UploadResult {
        .failed(FailedRequest(request, failure: failure, session: session))
    }
}

extension Outcome {
    /// What a failed call to the store means for the request.
    ///
    /// - Throws: `CancellationError` where nothing failed but this process is ending.
    init(_ error: S3Error) throws {
        switch error.kind {
        case .passing:
            CrashPoint.outcomePassing.pass()
            self = .passing(.storageUnavailable(error.summary))
        case .permanent, .noSuchUpload, .invalidPart, .entityTooSmall, .preconditionFailed:
            CrashPoint.outcomePermanent.pass()
            self = .permanent(.storageRejected(error.summary))
        case .cancelled:
            CrashPoint.outcomeCancelled.pass()
            throw CancellationError()
        }
    }
}

extension S3Error {
    /// What a requester may know: a message of the store's, or one about credentials, names accounts and paths and is for
    /// the log.
    fileprivate var summary: String {
        "\(self.operation.rawValue): \(self.code)" + (self.status.map { " (\($0))" } ?? "")
    }
}
