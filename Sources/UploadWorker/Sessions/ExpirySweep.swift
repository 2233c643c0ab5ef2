import AMQP
import Foundation
import Logging
import S3
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
    let outages: Outages
    let metrics: WorkerMetrics
    /// Declares what is missing on the broker, where this worker is to declare it.
    let redeclare: @Sendable () async -> Void
    let logger: Logger
    /// How many sessions, or checks, are ended at a time.
    var width = Self.usualWidth
    /// Nil where nothing is traced.
    var tracer: Tracer?

    static let usualWidth = 8

    /// How far the sweeps are: how many at the front of each list did not end and are tried again last.
    struct Course: Sendable {
        fileprivate var sessions = 0
        fileprivate var strayChecks = 0
    }

    private static func endsTheProcess(_ error: any Error) -> Bool {
        error is CancellationError || (error as? SessionStoreError)?.canPass == false
    }

    private static let pause = Duration.seconds(5)
    private static let batch = 100

    /// Sweeps until cancelled.
    ///
    /// - Throws: what ends the process: the session database failed for good.
    func run() async throws {
        var course = Course()
        while !Task.isCancelled {
            do {
                _ = try await self.requests.sessions.sweepingAlone {
                    try await self.round(&course)
                }
            } catch  where !Self.endsTheProcess(error) {
                if let error = error as? SessionStoreError { self.outages.database.began(error) }
                CrashPoint.sweepPutOff.pass()
                self.metrics.swept.add(["failed"])
                self.logger.warning("Sessions not swept", error: error)
            }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// What ended long ago first, for ending the rest may take as long as there is something to end.
    func round(_ course: inout Course) async throws {
        try await self.forget()
        if !self.outages.store.isDown { try await self.sweep(&course) }
    }

    /// Ends all that is overdue and that the store lets end; the rest stays for later sweeps.
    ///
    /// Where store or broker fail in a way that can pass, it breaks off, not to ask in vain for every session there is. The
    /// next sweep goes on behind what failed, for that may be one upload's own trouble, and comes back to it in the end.
    func sweep(_ course: inout Course) async throws {
        let sessions = self.requests.sessions
        let limit = self.requests.now().addingTimeInterval(-self.settings.expiryGrace.inSeconds)
        let isThrough = try await self.endAll(from: &course.sessions, of: \.file) { session in
            try await self.expire(session)
        } batch: { skip in
            try await sessions.overdue(before: limit, skip: skip, limit: Self.batch)
        }
        guard isThrough else { return }
        // What was opened before then has no URLs any more.
        let strayLimit = limit.addingTimeInterval(-self.requests.urlExpiry.inSeconds)
        _ = try await self.endAll(from: &course.strayChecks, of: \.file) { check in
            try await self.endStrays(of: check, openedBefore: strayLimit)
        } batch: { skip in
            try await sessions.strayChecks(notedBefore: strayLimit, skip: skip, limit: Self.batch)
        }
    }

    /// What became of something that was overdue.
    private enum Ending {
        /// It ended, or is overdue no more.
        case done
        case stays
        /// So would what comes after it.
        case storeOrBrokerFails
    }

    /// Ends batch after batch, each of its members under its file's lock; skips those that the store did not let end.
    ///
    /// - Parameter behind: how many at the front are passed over; 0 again once everything was tried.
    /// - Returns: false where it broke off.
    private func endAll<Overdue: Sendable>(
        from behind: inout Int,
        of file: @escaping @Sendable (Overdue) -> FileReference,
        _ end: @escaping @Sendable (Overdue) async throws -> Ending,
        batch: (_ skip: Int) async throws -> [Overdue]
    ) async throws -> Bool {
        while true {
            let overdue = try await batch(behind)
            let isThrough = try await self.tracing(overdue.count) {
                try await self.endEach(of: overdue, from: &behind) { each in
                    try await self.locks.withLock(on: file(each)) {
                        try Task.checkCancellation()
                        return try await end(each)
                    }
                }
            }
            guard isThrough else { return false }
            if overdue.count < Self.batch { break }
        }
        behind = 0
        return true
    }

    /// Makes a span of a batch, unless it is empty.
    private func tracing(_ count: Int, _ endEach: () async throws -> Bool) async throws -> Bool {
        guard let tracer = self.tracer, count > 0 else { return try await endEach() }
        return try await tracer.tracing("sweep") { span in
            span.set("upload.overdue", .integer(count))
            let isThrough = try await endEach()
            if !isThrough { span.fail("broke_off") }
            return isThrough
        }
    }

    /// Ends some at a time, in their order: what stays is in front of what was not begun.
    ///
    /// - Returns: false where it broke off, once those that had begun are at their end.
    private func endEach<Overdue: Sendable>(
        of overdue: [Overdue],
        from behind: inout Int,
        _ end: @escaping @Sendable (Overdue) async throws -> Ending
    ) async throws -> Bool {
        try await withThrowingTaskGroup(of: Ending.self) { group in
            var rest = overdue[...]
            for each in rest.prefix(self.width) { group.addTask { try await end(each) } }
            rest = rest.dropFirst(self.width)
            var isThrough = true
            while let ending = try await group.next() {
                switch ending {
                case .done: break
                case .stays: behind += 1
                case .storeOrBrokerFails:
                    behind += 1
                    isThrough = false
                }
                if isThrough, let next = rest.popFirst() { group.addTask { try await end(next) } }
            }
            return isThrough
        }
    }

    private func forget() async throws {
        let limit = self.requests.now().addingTimeInterval(-self.settings.retention.inSeconds)
        while try await self.requests.sessions.forget(endedBefore: limit, limit: Self.batch) == Self.batch {}
    }

    /// Looked at again under the file's lock, since a request may have come first.
    private func expire(_ session: Session) async throws -> Ending {
        guard try await self.requests.sessions.beginExpiry(of: session) else {
            CrashPoint.expiryOvertaken.pass()
            return .done
        }
        return try await self.trying {
            if let object = try await self.requests.abortUnlessCompleted(session) {
                CrashPoint.expiryFoundObject.pass()
                _ = try await self.requests.save(session, completedAs: object, answer: nil)
                return self.metrics.swept.add(["completed"])
            }
            let expired = session.expired(at: self.requests.now())
            try await self.publisher.deliver(self.publications.expiry(of: expired, now: self.requests.now()))
            _ = try await self.requests.sessions.end(expired)
            self.metrics.swept.add(["expired"])
            self.logger.info("Session expired", metadata: expired.file.logMetadata)
        } otherwise: { error in
            self.logger.warning("Session not expired yet", error: error, metadata: session.file.logMetadata)
        }
    }

    private func endStrays(of check: StrayCheck, openedBefore limit: Date) async throws -> Ending {
        try await self.trying {
            let ended = try await self.requests.endStrays(of: check, openedBefore: limit)
            guard ended > 0 else { return }
            self.metrics.swept.add(["stray"], Double(ended))
            self.logger.info("Stray uploads ended", metadata: check.file.logMetadata)
        } otherwise: { error in
            self.logger.warning("Stray uploads not ended yet", error: error, metadata: check.file.logMetadata)
        }
    }

    /// - Parameter otherwise: told where the store or the broker did not let it end.
    private func trying(_ end: () async throws -> Void, otherwise: (any Error) -> Void) async throws -> Ending {
        do {
            try await end()
            return .done
        } catch  where !(error is SessionStoreError || error is CancellationError) {
            CrashPoint.expiryPutOff.pass()
            self.metrics.swept.add(["failed"])
            otherwise(error)
            if error is Unroutable { await self.redeclare() }
            return Self.isOfOne(error) ? .stays : .storeOrBrokerFails
        }
    }

    /// Whether the failure says nothing of other sessions.
    private static func isOfOne(_ error: any Error) -> Bool {
        switch error {
        case let error as S3Error: error.kind != .passing && error.kind != .cancelled
        case let error as PublishError: error != .stopped && error != .cancelled
        default: !(error is Unroutable)
        }
    }
}

extension FileReference {
    var logMetadata: Logger.Metadata {
        ["upload.file_id": "\(self.fileID.rawValue)", "upload.user_id": "\(self.userID.rawValue)"]
    }
}
