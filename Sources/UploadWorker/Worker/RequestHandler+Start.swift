import Foundation
import S3
import Uploads

extension RequestHandler {
    /// Opens an upload in the store and then its session; the session is what makes it the file's.
    ///
    /// Whatever ends it in between leaves a stray for the sweep to look for.
    func open(_ request: StartRequest) async throws -> UploadResult {
        do {
            return try await self.openNoted(request)
        } catch let error as S3Error where error.operation != .createMultipartUpload || error.outcomeIsUnknown {
            if error.kind != .cancelled { try await self.noteStrayCheck(of: request.file) }
            throw error
        } catch let error as UploadFailure {
            try await self.noteStrayCheck(of: request.file)
            throw error
        }
    }

    private func openNoted(_ request: StartRequest) async throws -> UploadResult {
        let id = self.makeSessionID()
        let key = self.rules.keyTemplate.key(for: request.file)
        let created = try await self.store.createMultipartUpload(
            key: key.rawValue,
            contentType: request.contentType.rawValue,
            metadata: [Session.metadataName: id.rawValue]
        )
        let uploadID = try UploadID(parsing: created.uploadID)
        if created.mayHaveTwin {
            CrashPoint.createMayHaveTwin.pass()
            try await self.noteStrayCheck(of: request.file)
        }
        let now = self.now()
        let session = Session(
            id: id,
            file: request.file,
            uploadID: uploadID,
            key: key,
            partCount: request.partCount,
            contentType: request.contentType,
            startedAt: now,
            expiresAt: now.addingTimeInterval(self.urlExpiry.inSeconds)
        )
        let grant = try await self.grant(for: session)
        guard let winner = try await self.sessions.insert(grant.session) else { return .started(grant) }
        CrashPoint.openOvertaken.pass()
        // Another worker opened the file meanwhile: its session counts, and this upload is nobody's.
        _ = try await self.abortUnlessCompleted(session)
        let decision = Decision(.start(request), sessions: KnownSessions(named: nil, latest: winner))
        guard case .open = decision else { return try await self.carryOut(decision, of: .start(request)) }
        CrashPoint.openOvertakenAndEnded.pass()
        throw SessionChangedMeanwhile()
    }

    /// The same start request again: the same upload with fresh URLs, if the store still has it.
    func presignAgain(_ session: Session, for request: UploadRequest) async throws -> UploadResult {
        guard case .start(let start) = request else { return .refused(request, .uploadNotFound) }
        do {
            _ = try await self.store.listParts(key: session.key.rawValue, uploadID: session.uploadID.rawValue)
        } catch {
            CrashPoint.presignFailed.pass()
            guard error.kind == .noSuchUpload else { throw error }
            if let object = try await self.completedObject(of: session) {
                CrashPoint.presignFoundObject.pass()
                _ = try await self.save(session, completedAs: object, answer: nil)
                return .refused(request, .alreadyCompleted, session: session)
            }
            CrashPoint.presignReopens.pass()
            _ = try await self.sessions.end(session.aborted(at: self.now()))
            return try await self.open(start)
        }
        let grant = try await self.grant(for: session)
        guard try await self.sessions.extend(grant.session) else { return try await self.openAfter(session, start) }
        return .started(grant)
    }

    /// Another worker has ended the session meanwhile, or its sweep is at it: that comes first, then a new session.
    private func openAfter(_ session: Session, _ start: StartRequest) async throws -> UploadResult {
        CrashPoint.extendOvertaken.pass()
        if let object = try await self.abortUnlessCompleted(session) {
            _ = try await self.save(session, completedAs: object, answer: nil)
            return .refused(.start(start), .alreadyCompleted, session: session)
        }
        _ = try await self.sessions.end(session.aborted(at: self.now()))
        return try await self.open(start)
    }
}

/// The file's session was opened and ended by another worker within one request; the request is delivered again.
struct SessionChangedMeanwhile: Error {}
