import Foundation
import S3
import Uploads

extension RequestHandler {
    /// Finds, by the file's key, uploads that an earlier try of a start request left in the store, and remembers them for
    /// the sweep.
    ///
    /// A store that does not let this worker list uploads keeps its strays: a lifecycle rule ends them there.
    func noteStrays(of file: FileReference, except own: UploadID? = nil) async throws {
        let key = self.rules.keyTemplate.key(for: file)
        let now = self.now()
        let listed: [ListedUpload]
        do throws(S3Error) {
            listed = try await self.store.listMultipartUploads(key: key.rawValue)
        } catch {
            if error.kind == .passing || error.kind == .cancelled { throw error }
            CrashPoint.uploadsNotListed.pass()
            self.logger.warning("Uploads cannot be listed", error: error, metadata: file.logMetadata)
            return
        }
        let strays = try listed.map { upload in
            StrayUpload(file: file, key: key, uploadID: try UploadID(parsing: upload.uploadID), foundAt: now)
        }
        let others = strays.filter { $0.uploadID != own }
        if !others.isEmpty { try await self.sessions.noteStrays(others) }
    }

    /// Ends a stray upload whose URLs have ended; one that became a session meanwhile stays.
    func end(_ stray: StrayUpload) async throws {
        let known = try await self.sessions.sessions(of: stray.file, named: stray.uploadID)
        if known.named == nil {
            _ = try await self.abortInStore(key: stray.key, uploadID: stray.uploadID)
        } else {
            CrashPoint.strayIsSession.pass()
        }
        try await self.sessions.forget(stray)
    }
}
