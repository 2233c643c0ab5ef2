import Foundation
import S3
import Uploads

extension RequestHandler {
    /// Asks the store whether it knows the upload under this user's and file's key, and takes it on as a session.
    ///
    /// A file that has another open session here, opened by another worker, keeps that one; the adopted session is then
    /// served all the same and saved when it ends.
    ///
    /// - Returns: the session; nil where the store does not know the upload.
    func adopt(_ request: UploadRequest) async throws -> Session? {
        guard let uploadID = request.uploadID else { return nil }
        let session = self.adopted(uploadID, of: request.file)
        guard try await self.listedParts(of: session) != nil else { return nil }
        let winner = try await self.sessions.insert(session)
        if let winner, winner.uploadID != session.uploadID {
            CrashPoint.adoptionOvertaken.pass()
            // No row names the adopted upload until it ends: the sweep has to find it.
            try await self.noteStrayCheck(of: request.file)
        }
        return winner?.uploadID == session.uploadID ? winner : session
    }

    /// A Complete that took effect before this worker knew of the upload: the parts named are the proof.
    ///
    /// - Parameter known: the file's newest session here; an object that carries its id was made by it.
    /// - Returns: nil where it did not, or the request is another.
    func completedUnseen(_ request: UploadRequest, beside known: Session?) async throws -> UploadResult? {
        guard case .complete(let complete) = request else { return nil }
        let session = self.adopted(complete.uploadID, of: complete.file)
        guard let object = try await self.completedObject(of: session, madeOf: complete.parts),
            object.metadata[Session.metadataName] != known?.id.rawValue
        else { return nil }
        CrashPoint.adoptedObject.pass()
        return try await self.save(session, completedAs: object, answer: nil)
    }

    private func adopted(_ uploadID: UploadID, of file: FileReference) -> Session {
        let now = self.now()
        return Session.adopted(
            id: self.makeSessionID(),
            file: file,
            uploadID: uploadID,
            key: self.rules.keyTemplate.key(for: file),
            startedAt: now,
            expiresAt: now.addingTimeInterval(self.urlExpiry.inSeconds)
        )
    }

    func resume(_ session: Session, for request: UploadRequest) async throws -> UploadResult {
        guard let listed = try await self.listedParts(of: session) else {
            guard let object = try await self.completedObject(of: session) else {
                CrashPoint.resumeUploadGone.pass()
                return .refused(request, .uploadGone)
            }
            CrashPoint.resumeFoundObject.pass()
            _ = try await self.save(session, completedAs: object, answer: nil)
            return .refused(request, .alreadyCompleted)
        }
        let grant = try await self.grant(for: session)
        guard try await self.sessions.extend(grant.session) else { return try await self.refuseEnded(session, request) }
        return .resumed(grant, listed)
    }

    /// Another worker has ended the session meanwhile, or its sweep is at it: the upload is then ended here too, so that what
    /// is said is true; the session is left to the sweep.
    private func refuseEnded(_ session: Session, _ request: UploadRequest) async throws -> UploadResult {
        CrashPoint.extendOvertaken.pass()
        let named = try await self.sessions.sessions(of: session.file, named: session.uploadID).named
        let known = KnownSessions(named: named, latest: named)
        if case .refuse(let failure) = Decision(request, sessions: known) { return .refused(request, failure) }
        guard let object = try await self.abortUnlessCompleted(session) else {
            return .refused(request, .uploadExpired)
        }
        _ = try await self.save(session, completedAs: object, answer: nil)
        return .refused(request, .alreadyCompleted)
    }

    func abort(_ session: Session, for request: UploadRequest) async throws -> UploadResult {
        if let object = try await self.abortUnlessCompleted(session) {
            CrashPoint.abortFoundObject.pass()
            _ = try await self.save(session, completedAs: object, answer: nil)
            return .refused(request, .alreadyCompleted)
        }
        let ended = try await self.sessions.end(session.aborted(at: self.now()))
        if ended.completion != nil { CrashPoint.abortOvertaken.pass() }
        return ended.completion != nil ? .refused(request, .alreadyCompleted) : .aborted(ended)
    }

    /// - Returns: the session's object, where the upload turns out to be complete; nil otherwise.
    func abortUnlessCompleted(_ session: Session) async throws -> ObjectHead? {
        let wasThere = try await self.abortUntilGone(key: session.key, uploadID: session.uploadID)
        return wasThere ? nil : try await self.completedObject(of: session)
    }

    /// Aborts until the store no longer knows the upload: a part that was being put may land after the first abort
    /// (https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html). A store that goes on listing an
    /// upload without parts is believed in the end.
    ///
    /// - Returns: false where the store did not know the upload.
    func abortUntilGone(key: ObjectKey, uploadID: UploadID) async throws -> Bool {
        var hasParts = false
        for attempt in 1...Self.abortAttempts {
            do throws(S3Error) {
                try await self.store.abortMultipartUpload(key: key.rawValue, uploadID: uploadID.rawValue)
            } catch {
                guard error.kind == .noSuchUpload else { throw error }
                CrashPoint.abortUploadGone.pass()
                // From the second on it is gone because this ended it.
                return attempt > 1
            }
            guard let left = try await self.listedParts(key: key, uploadID: uploadID) else { return true }
            hasParts = !left.isEmpty
            CrashPoint.abortPartsLeft.pass()
        }
        if !hasParts { return true }
        CrashPoint.abortPartsKeepComing.pass()
        throw StoreContradiction("the upload is aborted, but parts keep coming")
    }

    private static let abortAttempts = 5
}
