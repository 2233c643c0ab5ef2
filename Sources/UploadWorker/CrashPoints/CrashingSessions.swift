#if CRASH_POINTS
    import Foundation
    import Uploads

    struct CrashingSessions: SessionStore {
        let sessions: any SessionStore

        func sessions(of file: FileReference, named uploadID: UploadID?) async throws -> KnownSessions {
            let known = try await self.sessions.sessions(of: file, named: uploadID)
            CrashPoint.sessionsReadDone.pass()
            return known
        }

        func insert(_ session: Session) async throws -> Session? {
            try await CrashPoint.around(.insertBegins, .insertDone) { try await self.sessions.insert(session) }
        }

        func extend(_ session: Session) async throws -> Bool {
            try await CrashPoint.around(.extendBegins, .extendDone) { try await self.sessions.extend(session) }
        }

        func beginExpiry(of session: Session) async throws -> Bool {
            try await self.sessions.beginExpiry(of: session)
        }

        func end(_ session: Session) async throws -> Session {
            try await CrashPoint.around(.endBegins, .endDone) { try await self.sessions.end(session) }
        }

        func overdue(before date: Date, skip: Int, limit: Int) async throws -> [Session] {
            try await self.sessions.overdue(before: date, skip: skip, limit: limit)
        }

        func forget(endedBefore date: Date, limit: Int) async throws -> Int {
            let count = try await self.sessions.forget(endedBefore: date, limit: limit)
            CrashPoint.forgetDone.pass()
            return count
        }

        func note(_ check: StrayCheck) async throws {
            try await CrashPoint.around(.strayNoteBegins, .strayNoteDone) { try await self.sessions.note(check) }
        }

        func strayChecks(notedBefore date: Date, skip: Int, limit: Int) async throws -> [StrayCheck] {
            try await self.sessions.strayChecks(notedBefore: date, skip: skip, limit: limit)
        }

        func forget(_ check: StrayCheck) async throws {
            try await CrashPoint.around(.strayForgetBegins, .strayForgetDone) { try await self.sessions.forget(check) }
        }

        func counts() async throws -> [Session.State.Name: Int] { try await self.sessions.counts() }

        func sweepingAlone(_ sweep: () async throws -> Void) async throws -> Bool {
            try await self.sessions.sweepingAlone(sweep)
        }

        func proveWritable() async throws { try await self.sessions.proveWritable() }
    }
#endif
