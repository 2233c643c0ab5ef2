import Foundation
import Uploads

/// A call to the session store, for those who stand around it.
enum SessionCall: String, Sendable {
    case sessions, insert, extend, end, overdue, note, strayChecks, counts, proveWritable
    case beginExpiry = "begin_expiry"
    case forgetEnded = "forget"
    case forgetCheck = "forget_check"

    /// Whether it writes on behalf of a request or of the sweep, and returns once that is committed.
    var isWrite: Bool {
        switch self {
        case .insert, .extend, .beginExpiry, .end, .note, .forgetEnded, .forgetCheck: true
        case .sessions, .overdue, .strayChecks, .counts, .proveWritable: false
        }
    }
}

/// Stands around every call to the session store: traces it, or crashes beside it.
protocol SessionInterceptor: Sendable {
    func around<Value>(_ call: SessionCall, _ body: () async throws -> Value) async throws -> Value
}

/// A session store with somebody around every call to it.
struct InterceptedSessions<Interceptor: SessionInterceptor>: SessionStore {
    let sessions: any SessionStore
    let interceptor: Interceptor

    func sessions(of file: FileReference, named uploadID: UploadID?) async throws -> KnownSessions {
        try await self.interceptor.around(.sessions) { try await self.sessions.sessions(of: file, named: uploadID) }
    }

    func insert(_ session: Session) async throws -> Session? {
        try await self.interceptor.around(.insert) { try await self.sessions.insert(session) }
    }

    func extend(_ session: Session) async throws -> Bool {
        try await self.interceptor.around(.extend) { try await self.sessions.extend(session) }
    }

    func beginExpiry(of session: Session) async throws -> Bool {
        try await self.interceptor.around(.beginExpiry) { try await self.sessions.beginExpiry(of: session) }
    }

    func end(_ session: Session) async throws -> Session {
        try await self.interceptor.around(.end) { try await self.sessions.end(session) }
    }

    func overdue(before date: Date, skip: Int, limit: Int) async throws -> [Session] {
        try await self.interceptor.around(.overdue) {
            try await self.sessions.overdue(before: date, skip: skip, limit: limit)
        }
    }

    func forget(endedBefore date: Date, limit: Int) async throws -> Int {
        try await self.interceptor.around(.forgetEnded) {
            try await self.sessions.forget(endedBefore: date, limit: limit)
        }
    }

    func note(_ check: StrayCheck) async throws {
        try await self.interceptor.around(.note) { try await self.sessions.note(check) }
    }

    func strayChecks(notedBefore date: Date, skip: Int, limit: Int) async throws -> [StrayCheck] {
        try await self.interceptor.around(.strayChecks) {
            try await self.sessions.strayChecks(notedBefore: date, skip: skip, limit: limit)
        }
    }

    func forget(_ check: StrayCheck) async throws {
        try await self.interceptor.around(.forgetCheck) { try await self.sessions.forget(check) }
    }

    func counts() async throws -> [Session.State.Name: Int] {
        try await self.interceptor.around(.counts) { try await self.sessions.counts() }
    }

    /// A span of time with calls of its own, no call.
    func sweepingAlone(_ sweep: () async throws -> Void) async throws -> Bool {
        try await self.sessions.sweepingAlone(sweep)
    }

    func proveWritable() async throws {
        try await self.interceptor.around(.proveWritable) { try await self.sessions.proveWritable() }
    }
}
