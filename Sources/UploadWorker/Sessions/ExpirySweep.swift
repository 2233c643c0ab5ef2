import AMQP
import Foundation
import Logging
import Uploads

/// Ends sessions whose time is over and stray uploads, and forgets sessions that ended long ago.
///
/// A session's upload is aborted in the store, told on the exchange of results, and then marked expired: a process killed in
/// between does it again, and the message has the same id.
struct ExpirySweep: Sendable {
    let requests: RequestHandler
    let locks: FileLocks
    let publisher: any MessagePublisher
    let publications: Publications
    let settings: SessionSettings
    let storeOutage: StoreOutage
    let databaseOutage: DatabaseOutage
    let metrics: WorkerMetrics
    let logger: Logger

    private static func endsTheProcess(_ error: any Error) -> Bool {
        error is CancellationError || (error as? SessionStoreError)?.canPass == false
    }

    private static let pause = Duration.seconds(5)
    private static let batch = 100

    /// Sweeps until cancelled.
    ///
    /// - Throws: what ends the process: the session database failed for good.
    func run() async throws {
        while !Task.isCancelled {
            do {
                _ = try await self.requests.sessions.sweepingAlone {
                    if !self.storeOutage.isDown { try await self.sweep() }
                    try await self.forget()
                }
            } catch  where !Self.endsTheProcess(error) {
                if let error = error as? SessionStoreError { self.databaseOutage.began(error) }
                CrashPoint.sweepPutOff.pass()
                self.logger.warning("Sessions not swept", error: error)
            }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// Ends all that is overdue and that the store lets end; the rest stays for the next sweep.
    func sweep() async throws {
        let sessions = self.requests.sessions
        let limit = self.requests.now().addingTimeInterval(-self.settings.expiryGrace.inSeconds)
        try await self.endAll(of: \.file, self.expire) { skip in
            try await sessions.overdue(before: limit, skip: skip, limit: Self.batch)
        }
        // What was opened before then has no URLs any more.
        let strayLimit = limit.addingTimeInterval(-self.requests.urlExpiry.inSeconds)
        try await self.endAll(of: \.file, { try await self.endStrays(of: $0, openedBefore: strayLimit) }) { skip in
            try await sessions.strayChecks(notedBefore: strayLimit, skip: skip, limit: Self.batch)
        }
    }

    /// Ends batch after batch, each under its file's lock; skips those that the store did not let end.
    private func endAll<Overdue: Sendable>(
        of file: (Overdue) -> FileReference,
        _ end: (Overdue) async throws -> Bool,
        batch: (_ skip: Int) async throws -> [Overdue]
    ) async throws {
        var failed = 0
        while true {
            let overdue = try await batch(failed)
            for each in overdue {
                try Task.checkCancellation()
                let hasEnded = try await self.locks.withLock(on: file(each)) { try await end(each) }
                failed += hasEnded ? 0 : 1
            }
            if overdue.count < Self.batch { return }
        }
    }

    private func forget() async throws {
        let limit = self.requests.now().addingTimeInterval(-self.settings.retention.inSeconds)
        while try await self.requests.sessions.forget(endedBefore: limit, limit: Self.batch) == Self.batch {}
    }

    /// Whether the session has ended. Looked at again under the file's lock, since a request may have come first.
    private func expire(_ session: Session) async throws -> Bool {
        guard try await self.requests.sessions.beginExpiry(of: session) else {
            CrashPoint.expiryOvertaken.pass()
            return true
        }
        return try await self.trying("Session not expired yet", session.file) {
            if let object = try await self.requests.abortInStore(session) {
                CrashPoint.expiryFoundObject.pass()
                _ = try await self.requests.save(session, completedAs: object, answer: nil)
                return self.metrics.swept.add(["completed"])
            }
            let expired = session.expired(at: self.requests.now())
            try await self.publisher.deliver(self.publications.expiry(of: expired, now: self.requests.now()))
            _ = try await self.requests.sessions.end(expired)
            self.metrics.swept.add(["expired"])
            self.logger.info("Session expired", metadata: expired.file.logMetadata)
        }
    }

    private func endStrays(of check: StrayCheck, openedBefore limit: Date) async throws -> Bool {
        try await self.trying("Stray uploads not ended yet", check.file) {
            let ended = try await self.requests.endStrays(of: check, openedBefore: limit)
            guard ended > 0 else { return }
            self.metrics.swept.add(["stray"], Double(ended))
            self.logger.info("Stray uploads ended", metadata: check.file.logMetadata)
        }
    }

    /// False, and a line in the log, where the store or the broker did not let it end.
    private func trying(_ complaint: Logger.Message, _ file: FileReference, _ end: () async throws -> Void) async throws
        -> Bool
    {
        do {
            try await end()
            return true
        } catch  where !(error is SessionStoreError || error is CancellationError) {
            CrashPoint.expiryPutOff.pass()
            self.metrics.swept.add(["failed"])
            self.logger.warning(complaint, error: error, metadata: file.logMetadata)
            return false
        }
    }
}

extension FileReference {
    var logMetadata: Logger.Metadata {
        ["upload.file_id": "\(self.fileID.rawValue)", "upload.user_id": "\(self.userID.rawValue)"]
    }
}
