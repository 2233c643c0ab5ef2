import Foundation
import Uploads

@testable import UploadWorker

/// The world's session database as a process sees it.
struct WorldSessions: SessionStore {
    let seat: Seat

    func sessions(of file: FileReference, named uploadID: UploadID?) async throws -> KnownSessions {
        try await self.call(.readRows) { $0.known(file, uploadID) }
    }

    func insert(_ session: Session) async throws -> Session? {
        try await self.call(.insert) { $0.insert(session) }
    }

    func extend(_ session: Session) async throws -> Bool {
        try await self.call(.extend) { $0.extend(session) }
    }

    func beginExpiry(of session: Session) async throws -> Bool {
        try await self.call(.beginExpiry) { $0.beginExpiry(of: session) }
    }

    func end(_ session: Session) async throws -> Session {
        try await self.call(.end) { $0.end(session) }
    }

    func overdue(before date: Date, skip: Int, limit: Int) async throws -> [Session] {
        try await self.call(.readRows) { $0.overdue(before: date, skip: skip, limit: limit) }
    }

    func forget(endedBefore date: Date, limit: Int) async throws -> Int { 0 }

    func note(_ check: StrayCheck) async throws {
        try await self.call(.noteStrays) { $0.note(check) }
    }

    func strayChecks(notedBefore date: Date, skip: Int, limit: Int) async throws -> [StrayCheck] {
        try await self.call(.readRows) { $0.strayChecks(before: date, skip: skip, limit: limit) }
    }

    func forget(_ check: StrayCheck) async throws {
        try await self.call(.forgetStray) { $0.forget(check) }
    }

    func counts() async throws -> [Session.State.Name: Int] { [:] }

    func proveWritable() async throws {}

    private func call<Value: Sendable>(_ effect: Effect, _ act: (inout World) -> Value) async throws -> Value {
        let (fault, value): (Fault, Value?)
        do {
            (fault, value) = try await self.seat.perform(effect, act)
        } catch {
            throw CancellationError()
        }
        switch fault {
        case .failedBefore, .failedAfter:
            throw SessionStoreError(reason: "disk full or connection lost", summary: "told to", canPass: true)
        case .fatalBefore, .fatalAfter:
            throw SessionStoreError(reason: "sync failed", summary: "told to", canPass: false)
        case .none, .killedBefore, .killedAfter, .repeated, .returned, .refused, .redelivered: break
        }
        guard let value else { throw SessionStoreError(reason: "no answer", summary: "told to", canPass: true) }
        return value
    }
}
