import Foundation
import Uploads

/// Where upload sessions are kept.
///
/// Every write is durable when its call returns, so that a result may be published after it. A file has at most one
/// open session; the store enforces it, whoever writes. Where the store itself fails, every call throws
/// `SessionStoreError`. If that error can pass, all or nothing of the call was stored, and repeating what the call was made
/// for is safe: it finds what was stored, or stores it.
protocol SessionStore: Sendable {
    /// The session with this upload id, where one is given, and the file's open session, or else its newest.
    func sessions(of file: FileReference, named uploadID: UploadID?) async throws -> KnownSessions

    /// Saves a new open session.
    ///
    /// - Returns: the open session that the file already has, in which case nothing was saved; nil when it was saved.
    func insert(_ session: Session) async throws -> Session?

    /// Moves the end of an open session. One that is not stored is left out.
    ///
    /// - Returns: false where the session has ended meanwhile, or a sweep is about to end it: it stays as it is.
    func extend(_ session: Session) async throws -> Bool

    /// Keeps an open session from being extended from now on, so that its upload can be aborted: another worker may be at a
    /// request for it.
    ///
    /// - Returns: false where it has ended, or was extended since it was read.
    func beginExpiry(of session: Session) async throws -> Bool

    /// Saves the end of an open session (completed, aborted or expired), or the whole session where it was not saved yet.
    /// Another worker may have adopted the same upload under an id of its own: that session is then the one that ends.
    ///
    /// - Returns: the session as it is stored now: another one where it had ended before.
    func end(_ session: Session) async throws -> Session

    /// Open sessions whose time ended before `date`, the longest overdue first, without the first `skip`.
    func overdue(before date: Date, skip: Int, limit: Int) async throws -> [Session]

    /// Forgets sessions that ended before `date`, at most `limit` of them.
    ///
    /// - Returns: how many were forgotten.
    func forget(endedBefore date: Date, limit: Int) async throws -> Int

    /// Remembers to look for strays; of two checks of a file the later counts.
    func note(_ check: StrayCheck) async throws

    /// Checks noted before `date`, the oldest first, without the first `skip`.
    func strayChecks(notedBefore date: Date, skip: Int, limit: Int) async throws -> [StrayCheck]

    /// Forgets a check, unless it was noted again since.
    func forget(_ check: StrayCheck) async throws

    /// How many sessions there are of each state. May take long where there are many.
    func counts() async throws -> [Session.State.Name: Int]

    /// Runs `sweep` unless another worker on the same sessions is at its own.
    ///
    /// - Returns: whether it ran.
    func sweepingAlone(_ sweep: () async throws -> Void) async throws -> Bool

    /// Writes something of no meaning; throws where the store takes no writes.
    func proveWritable() async throws
}

extension SessionStore {
    /// Sessions that only one process has.
    func sweepingAlone(_ sweep: () async throws -> Void) async throws -> Bool {
        try await sweep()
        return true
    }
}
