import Foundation
import GRDB
import Uploads

/// Upload sessions in the worker's own SQLite file.
///
/// After a failed sync nothing more is stored: the kernel may report success for pages that were lost. The error leaves
/// the request unacknowledged.
struct SQLiteSessionStore: SessionStore {
    /// Kept for its lock: this process owns the file for as long as it has the store.
    private let database: SessionDatabase
    private let commits: GroupCommit

    /// - Parameter committed: told how many pieces of work shared each commit.
    init(_ database: SessionDatabase, committed: @escaping @Sendable (Int) -> Void = { _ in }) {
        self.database = database
        self.commits = GroupCommit(database.queue, committed: committed)
    }

    func sessions(of file: FileReference, named uploadID: UploadID?) async throws -> KnownSessions {
        try await self.commits.perform { db in
            let latest = try SessionRow.latest(of: file, in: db)
            guard let uploadID else { return KnownSessions(named: nil, latest: latest) }
            let named = latest?.uploadID == uploadID ? latest : try SessionRow.named(uploadID, of: file, in: db)
            return KnownSessions(named: named, latest: latest)
        }
    }

    func insert(_ session: Session) async throws -> Session? {
        try await self.commits.perform { db in
            try SessionRow.insert(session, in: db) ? nil : try SessionRow.latest(of: session.file, in: db)
        }
    }

    func extend(_ session: Session) async throws -> Bool {
        try await self.commits.perform { db in
            if try SessionRow.extend(session, in: db) { return true }
            return try SessionRow.isOpen(session, in: db) == nil
        }
    }

    /// Within the process the file's lock keeps requests off until the sweep has ended the session.
    func beginExpiry(of session: Session) async throws -> Bool {
        try await self.commits.perform { db in try SessionRow.isOpen(session, notExtended: true, in: db) ?? false }
    }

    func end(_ session: Session) async throws -> Session {
        try await self.commits.perform { db in
            if try SessionRow.end(session, in: db) { return session }
            if let ended = try SessionRow.named(session.uploadID, of: session.file, in: db) { return ended }
            _ = try SessionRow.insert(session, in: db)
            return session
        }
    }

    func overdue(before date: Date, skip: Int, limit: Int) async throws -> [Session] {
        try await self.commits.perform { db in try SessionRow.overdue(before: date, skip: skip, limit: limit, in: db) }
    }

    func forget(endedBefore date: Date, limit: Int) async throws -> Int {
        try await self.commits.perform { db in try SessionRow.forget(endedBefore: date, limit: limit, in: db) }
    }

    func note(_ check: StrayCheck) async throws {
        try await self.commits.perform { db in try StrayCheckRow.upsert(check, in: db) }
    }

    func strayChecks(notedBefore date: Date, skip: Int, limit: Int) async throws -> [StrayCheck] {
        try await self.commits.perform { db in try StrayCheckRow.noted(before: date, skip: skip, limit: limit, in: db) }
    }

    func forget(_ check: StrayCheck) async throws {
        try await self.commits.perform { db in try StrayCheckRow.delete(check, in: db) }
    }

    func counts() async throws -> [Session.State.Name: Int] {
        try await self.commits.perform { db in try SessionRow.counts(in: db) }
    }

    func proveWritable() async throws {
        try await self.commits.perform { db in try SessionDatabase.proveWritable(db) }
    }
}
