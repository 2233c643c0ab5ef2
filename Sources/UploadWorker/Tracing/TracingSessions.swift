import Foundation
import Uploads

/// A session store, each write on behalf of a delivery a span that ends with the commit.
struct TracingSessions: SessionStore {
    let sessions: any SessionStore
    /// Which database it is, by OpenTelemetry's name.
    let system: String

    private func committing<Value>(_ operation: String, _ write: () async throws -> Value) async throws -> Value {
        try await Span.within("commit", .client) { span in
            span?.set("db.system.name", .text(self.system))
            span?.set("db.operation.name", .text(operation))
            return try await write()
        }
    }

    func sessions(of file: FileReference, named uploadID: UploadID?) async throws -> KnownSessions {
        try await self.sessions.sessions(of: file, named: uploadID)
    }

    func insert(_ session: Session) async throws -> Session? {
        try await self.committing("insert") { try await self.sessions.insert(session) }
    }

    func extend(_ session: Session) async throws -> Bool {
        try await self.committing("extend") { try await self.sessions.extend(session) }
    }

    func end(_ session: Session) async throws -> Session {
        try await self.committing("end") { try await self.sessions.end(session) }
    }

    func beginExpiry(of session: Session) async throws -> Bool { try await self.sessions.beginExpiry(of: session) }

    func overdue(before date: Date, skip: Int, limit: Int) async throws -> [Session] {
        try await self.sessions.overdue(before: date, skip: skip, limit: limit)
    }

    func forget(endedBefore date: Date, limit: Int) async throws -> Int {
        try await self.sessions.forget(endedBefore: date, limit: limit)
    }

    func note(_ check: StrayCheck) async throws {
        try await self.committing("note") { try await self.sessions.note(check) }
    }

    func strayChecks(notedBefore date: Date, skip: Int, limit: Int) async throws -> [StrayCheck] {
        try await self.sessions.strayChecks(notedBefore: date, skip: skip, limit: limit)
    }

    func forget(_ check: StrayCheck) async throws { try await self.sessions.forget(check) }

    func sweepingAlone(_ sweep: () async throws -> Void) async throws -> Bool {
        try await self.sessions.sweepingAlone(sweep)
    }

    func counts() async throws -> [Session.State.Name: Int] { try await self.sessions.counts() }

    func proveWritable() async throws { try await self.sessions.proveWritable() }
}
