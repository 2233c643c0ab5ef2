import AMQP
import Foundation
import GRDB
import Logging
import Uploads

/// Ends sessions whose time is over, and forgets those that ended long ago.
///
/// An upload is aborted in the store, told on the exchange of results, and then marked expired: a process killed in
/// between does it again, and the message has the same id.
struct ExpirySweep: Sendable {
    let requests: RequestHandler
    let locks: FileLocks
    let publisher: ConfirmingPublisher
    let publications: Publications
    let settings: SessionSettings
    let logger: Logger

    private static let pause = Duration.seconds(5)
    private static let batch = 100

    /// Sweeps until cancelled.
    ///
    /// - Throws: what ends the process: the session database failed.
    func run() async throws {
        while !Task.isCancelled {
            try await self.sweep()
            try await self.forget()
            try await Task.sleep(for: Self.pause)
        }
    }

    /// Ends every overdue session that the store lets end; the others stay for the next sweep.
    func sweep() async throws {
        let limit = self.requests.now().addingTimeInterval(-self.settings.expiryGrace.inSeconds)
        var failed = 0
        while true {
            let overdue = try await self.requests.sessions.overdue(before: limit, skip: failed, limit: Self.batch)
            for session in overdue {
                try Task.checkCancellation()
                let hasEnded = try await self.locks.withLock(on: session.file) { try await self.expire(session) }
                failed += hasEnded ? 0 : 1
            }
            if overdue.count < Self.batch { return }
        }
    }

    private func forget() async throws {
        let limit = self.requests.now().addingTimeInterval(-self.settings.retention.inSeconds)
        while try await self.requests.sessions.forget(endedBefore: limit, limit: Self.batch) == Self.batch {}
    }

    /// Whether the session has ended. Taken again under the file's lock, since a request may have come first.
    private func expire(_ listed: Session) async throws -> Bool {
        let known = try await self.requests.sessions.sessions(of: listed.file, named: listed.uploadID)
        guard let session = known.named, session.isOpen, session.expiresAt == listed.expiresAt else { return true }
        do {
            if let object = try await self.requests.abortInStore(session) {
                _ = try await self.requests.save(session, completedAs: object, answer: nil)
                return true
            }
            let expired = session.expired(at: self.requests.now())
            try await self.publisher.deliver(self.publications.expiry(of: expired, now: self.requests.now()))
            _ = try await self.requests.sessions.end(expired)
            self.logger.info("Session expired", metadata: expired.file.logMetadata)
            return true
        } catch  where !(error is DatabaseError || error is TransactionLost || error is CancellationError) {
            self.logger.warning("Session not expired yet", error: error, metadata: session.file.logMetadata)
        }
        return false
    }
}

extension FileReference {
    var logMetadata: Logger.Metadata {
        ["upload.file_id": "\(self.fileID.rawValue)", "upload.user_id": "\(self.userID.rawValue)"]
    }
}
