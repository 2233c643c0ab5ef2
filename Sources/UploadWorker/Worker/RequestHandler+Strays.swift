import Foundation
import S3
import Uploads

extension RequestHandler {
    /// Has the sweep look, later, for uploads of this file that no session names.
    func noteStrayCheck(of file: FileReference) async throws {
        let key = self.rules.keyTemplate.key(for: file)
        try await self.sessions.note(StrayCheck(file: file, key: key, notedAt: self.now()))
    }

    /// Ends the uploads under the file's key that no session names and that were opened before `limit`. Younger ones are
    /// looked at again later.
    ///
    /// One to which parts came since is young, too: it may be the session of a worker with another database, whose end was
    /// put off. A store that does not let this worker list uploads keeps its strays: a lifecycle rule ends them there.
    ///
    /// - Returns: how many were ended.
    func endStrays(of check: StrayCheck, openedBefore limit: Date) async throws -> Int {
        var ended = 0
        var hasYoung = false
        for upload in try await self.listedUploads(of: check) {
            let uploadID = try UploadID(parsing: upload.uploadID)
            if try await self.sessions.sessions(of: check.file, named: uploadID).named != nil {
                CrashPoint.strayIsSession.pass()
            } else if try await self.isYoung(upload, under: check.key, since: limit) {
                hasYoung = true
            } else if try await self.abortUntilGone(key: check.key, uploadID: uploadID) {
                ended += 1
            }
        }
        if hasYoung {
            try await self.noteStrayCheck(of: check.file)
        } else {
            try await self.sessions.forget(check)
        }
        return ended
    }

    private func isYoung(_ upload: ListedUpload, under key: ObjectKey, since limit: Date) async throws -> Bool {
        guard let initiated = upload.initiated, initiated < limit else { return true }
        do throws(S3Error) {
            let parts = try await self.store.listParts(key: key.rawValue, uploadID: upload.uploadID)
            return parts.contains { $0.lastModified.map { $0 >= limit } ?? false }
        } catch {
            guard error.kind == .noSuchUpload else { throw error }
            return false
        }
    }

    private func listedUploads(of check: StrayCheck) async throws -> [ListedUpload] {
        do throws(S3Error) {
            return try await self.store.listMultipartUploads(key: check.key.rawValue)
        } catch {
            if error.kind == .passing || error.kind == .cancelled { throw error }
            CrashPoint.uploadsNotListed.pass()
            self.logger.warning("Uploads cannot be listed", error: error, metadata: check.file.logMetadata)
            return []
        }
    }
}
