import Foundation
import S3
import Uploads

extension RequestHandler {
    func complete(_ session: Session, _ parts: [Part], for request: UploadRequest) async throws -> UploadResult {
        let answer: CompletedMultipartUpload
        do {
            answer = try await self.store.completeMultipartUpload(
                key: session.key.rawValue,
                uploadID: session.uploadID.rawValue,
                parts: parts.map { (number: $0.number, etag: $0.etag.rawValue) }
            )
        } catch {
            return try await self.completeFailed(session, parts, for: request, error)
        }
        guard let object = try await self.store.headObject(key: session.key.rawValue) else {
            CrashPoint.objectMissing.pass()
            throw StoreContradiction("the upload is complete, but its object is not there yet")
        }
        return try await self.save(session, completedAs: object, answer: answer)
    }

    /// Whatever the store answered, it may have completed the upload before: the object tells, never the status code.
    private func completeFailed(
        _ session: Session,
        _ parts: [Part],
        for request: UploadRequest,
        _ error: S3Error
    ) async throws -> UploadResult {
        CrashPoint.completeFailed.pass()
        if error.kind == .cancelled {
            CrashPoint.completeCancelled.pass()
            throw error
        }
        if error.kind != .permanent || error.outcomeIsUnknown,
            let object = try await self.completedObject(of: session, madeOf: parts)
        {
            CrashPoint.completeFoundObject.pass()
            return try await self.save(session, completedAs: object, answer: nil)
        }
        switch error.kind {
        case .permanent, .preconditionFailed, .cancelled:
            CrashPoint.completeRefused.pass()
            throw error
        case .noSuchUpload, .passing:
            // A gateway may answer 500 to a Complete of an upload that it no longer has.
            guard try await self.uploadIsGone(session, after: error) else {
                CrashPoint.completeUploadStays.pass()
                throw error
            }
            CrashPoint.completeUploadGone.pass()
            return try await self.completedOrGone(session, parts, for: request)
        case .invalidPart, .entityTooSmall:
            CrashPoint.completePartRefused.pass()
            guard let listed = try await self.listedParts(of: session) else {
                CrashPoint.completePartsGone.pass()
                return try await self.completedOrGone(session, parts, for: request)
            }
            let isTooSmall = error.kind == .entityTooSmall
            return .refused(request, .refused(parts, stored: listed, storeSaysTooSmall: isTooSmall))
        }
    }

    /// What became of an upload that is gone: another worker may have completed it since the object was looked for.
    private func completedOrGone(
        _ session: Session,
        _ parts: [Part],
        for request: UploadRequest
    ) async throws -> UploadResult {
        guard let object = try await self.completedObject(of: session, madeOf: parts) else {
            return .refused(request, .uploadGone)
        }
        return try await self.save(session, completedAs: object, answer: nil)
    }

    private func uploadIsGone(_ session: Session, after error: S3Error) async throws -> Bool {
        if error.kind == .noSuchUpload { return true }
        return try await self.listedParts(of: session) == nil
    }

    /// The parts that the store has, or nil where it no longer has the upload.
    func listedParts(of session: Session) async throws -> [Uploads.UploadedPart]? {
        try await self.listedParts(key: session.key, uploadID: session.uploadID)
    }

    func listedParts(key: ObjectKey, uploadID: UploadID) async throws -> [Uploads.UploadedPart]? {
        do {
            let parts = try await self.store.listParts(key: key.rawValue, uploadID: uploadID.rawValue)
            return try parts.map { part in
                Uploads.UploadedPart(number: part.number, etag: try ETag(parsing: part.etag), size: part.size)
            }
        } catch let error as S3Error where error.kind == .noSuchUpload {
            CrashPoint.listedUploadGone.pass()
            return nil
        }
    }

    /// Saves the session as completed before anyone is told, and gives the result. Where another worker ended the session
    /// first, its row is the answer.
    func save(
        _ session: Session,
        completedAs object: ObjectHead,
        answer: CompletedMultipartUpload?
    ) async throws -> UploadResult {
        guard let etag = answer?.etag ?? object.etag else {
            CrashPoint.objectWithoutETag.pass()
            throw StoreContradiction("the object has no ETag")
        }
        let checksum = answer?.checksum ?? object.checksum
        let completion = Completion(
            location: answer?.location ?? self.store.url(ofKey: session.key.rawValue),
            etag: try ETag(parsing: etag),
            size: object.size,
            checksum: checksum.map { Uploads.Checksum(algorithm: $0.algorithm, value: $0.value) },
            contentType: object.contentType.map(ContentType.init(stored:))
        )
        let ended = try await self.sessions.end(session.completed(with: completion, at: self.now()))
        return .completed(ended, ended.completion ?? completion)
    }
}
