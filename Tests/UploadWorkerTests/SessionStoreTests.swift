import Foundation
import GRDB
import Testing
import Uploads

@testable import UploadWorker

/// What every session store must do; each store of the project runs it.
@Suite("A session store")
final class SessionStoreTests {
    private let path = NSTemporaryDirectory() + "sessions-\(UUID().uuidString).sqlite"

    deinit {
        for suffix in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: self.path + suffix) }
    }

    private func open() throws -> SQLiteSessionStore { SQLiteSessionStore(try SessionDatabase(path: self.path)) }

    private static func session(_ uploadID: String = "up", file: String = "a", user: String = "42") throws -> Session {
        Session(
            id: SessionID(UUID()),
            file: FileReference(userID: try UserID(parsing: user), fileID: try FileID(parsing: file)),
            uploadID: try UploadID(parsing: uploadID),
            key: ObjectKey("users/\(user)/\(file)"),
            partCount: 3,
            contentType: ContentType(stored: "video/mp4"),
            startedAt: Date(timeIntervalSince1970: 1_700_000_000.25),
            expiresAt: Date(timeIntervalSince1970: 1_700_086_400.5)
        )
    }

    private static func completion() throws -> Completion {
        Completion(
            location: "http://store/media/users/42/a",
            etag: try ETag(parsing: "abc-3"),
            size: 12_582_912,
            checksum: Checksum(algorithm: "CRC64NVME", value: "AAAA"),
            contentType: ContentType(stored: "video/mp4")
        )
    }

    @Test("tells of a file's open session, whichever ended after it was opened")
    func openBeforeNewest() async throws {
        let store = try self.open()
        let open = try Self.session("open")
        _ = try await store.insert(open)
        _ = try await store.end(try Self.session("lost").aborted(at: Date(timeIntervalSince1970: 1_700_000_100)))
        #expect(try await store.sessions(of: open.file, named: nil).latest == open)
        #expect(try await store.insert(try Self.session("another")) == open)
    }

    @Test("gives back what was saved")
    func roundTrip() async throws {
        let store = try self.open()
        let session = try Self.session()
        #expect(try await store.insert(session) == nil)
        #expect(try await store.sessions(of: session.file, named: nil) == KnownSessions(named: nil, latest: session))
        let completed = session.completed(with: try Self.completion(), at: Date(timeIntervalSince1970: 1_700_000_100))
        #expect(try await store.end(completed) == completed)
        let known = try await store.sessions(of: session.file, named: session.uploadID)
        #expect(known == KnownSessions(named: completed, latest: completed))
    }

    @Test("gives back an adopted session, which has neither part count nor content type")
    func adopted() async throws {
        let store = try self.open()
        let known = try Self.session()
        let session = Session.adopted(
            id: known.id,
            file: known.file,
            uploadID: known.uploadID,
            key: known.key,
            startedAt: known.startedAt,
            expiresAt: known.expiresAt
        )
        #expect(try await store.insert(session) == nil)
        #expect(try await store.sessions(of: session.file, named: nil).latest == session)
    }

    @Test("knows nothing of other users and other files")
    func separatesFiles() async throws {
        let store = try self.open()
        let session = try Self.session()
        _ = try await store.insert(session)
        for other in [try Self.session(user: "43"), try Self.session(file: "b")] {
            let known = try await store.sessions(of: other.file, named: session.uploadID)
            #expect(known == KnownSessions(named: nil, latest: nil))
        }
    }

    @Test("keeps one open session a file and names the one that was first")
    func oneOpenSession() async throws {
        let store = try self.open()
        let first = try Self.session("first")
        #expect(try await store.insert(first) == nil)
        #expect(try await store.insert(try Self.session("second")) == first)
        _ = try await store.end(first.aborted(at: first.startedAt))
        let third = try Self.session("third")
        #expect(try await store.insert(third) == nil)
        let known = try await store.sessions(of: first.file, named: first.uploadID)
        #expect(known.latest == third)
        #expect(known.named?.state.name == .aborted)
    }

    @Test("lets the first end of a session stand")
    func firstEndStands() async throws {
        let store = try self.open()
        let session = try Self.session()
        _ = try await store.insert(session)
        let completed = session.completed(with: try Self.completion(), at: session.startedAt)
        _ = try await store.end(completed)
        #expect(try await store.end(session.aborted(at: session.startedAt)) == completed)
    }

    @Test("moves the end of an open session, and only forward")
    func extends() async throws {
        let store = try self.open()
        let session = try Self.session()
        _ = try await store.insert(session)
        let later = session.expiresAt.addingTimeInterval(60)
        try await store.extend(session.extended(to: later))
        #expect(try await store.sessions(of: session.file, named: nil).latest?.expiresAt == later)
        try await store.extend(session)
        #expect(try await store.sessions(of: session.file, named: nil).latest?.expiresAt == later)
        _ = try await store.end(session.expired(at: later))
        try await store.extend(session.extended(to: later.addingTimeInterval(60)))
        #expect(try await store.sessions(of: session.file, named: nil).latest?.expiresAt == later)
    }

    @Test("takes many writers at once, each of whom finds its own session")
    func concurrentWriters() async throws {
        let store = try self.open()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 1...500 {
                group.addTask {
                    let session = try Self.session("up-\(number)", file: "file-\(number)")
                    guard try await store.insert(session) == nil else { return false }
                    return try await store.sessions(of: session.file, named: session.uploadID).named == session
                }
            }
            for try await found in group { #expect(found) }
        }
    }

    @Test("remembers to look for strays, oldest first, and of two checks of a file the later")
    func strayChecks() async throws {
        let store = try self.open()
        func check(_ file: String, _ seconds: Double) throws -> StrayCheck {
            let session = try Self.session(file: file)
            return StrayCheck(file: session.file, key: session.key, notedAt: Date(timeIntervalSince1970: seconds))
        }
        let (older, newer) = (try check("b", 1), try check("a", 3))
        for noted in [newer, older, try check("a", 2)] { try await store.note(noted) }
        let end = Date(timeIntervalSince1970: 10)
        #expect(try await store.strayChecks(notedBefore: end, skip: 0, limit: 10) == [older, newer])
        #expect(try await store.strayChecks(notedBefore: end, skip: 1, limit: 10) == [newer])
        #expect(try await store.strayChecks(notedBefore: newer.notedAt, skip: 0, limit: 10) == [older])
        try await store.forget(older)
        try await store.forget(try check("a", 2))
        #expect(try await store.strayChecks(notedBefore: end, skip: 0, limit: 10) == [newer], "noted again since")
        try await store.forget(newer)
        #expect(try await store.strayChecks(notedBefore: end, skip: 0, limit: 10).isEmpty)
    }

    @Test("counts its sessions by state as they begin, end and are forgotten")
    func counts() async throws {
        let store = try self.open()
        let (first, second, third) = (
            try Self.session(file: "a"), try Self.session(file: "b"), try Self.session(file: "c")
        )
        for session in [first, second, third, first] { _ = try await store.insert(session) }
        #expect(try await store.counts() == [.started: 3, .completed: 0, .aborted: 0, .expired: 0])
        let end = Date(timeIntervalSince1970: 1_700_000_100)
        for _ in 0..<2 { _ = try await store.end(second.aborted(at: end)) }
        _ = try await store.end(third.completed(with: try Self.completion(), at: end))
        _ = try await store.end(try Self.session("adopted", file: "d").expired(at: end))
        try await store.extend(first)
        #expect(try await store.counts() == [.started: 1, .completed: 1, .aborted: 1, .expired: 1])
        #expect(try await store.forget(endedBefore: end.addingTimeInterval(1), limit: 2) == 2)
        #expect(try await store.counts().values.reduce(0, +) == 2)
    }

    @Test("counts what an earlier version of the program has stored")
    func countsOlderSessions() throws {
        let queue = try DatabaseQueue()
        try SessionMigrations.migrator.migrate(queue, upTo: "2 stray checks")
        try queue.write { db in _ = try SessionRow.insert(try Self.session(), in: db) }
        try SessionMigrations.migrator.migrate(queue)
        let counts = try queue.read { db in try SessionRow.counts(in: db) }
        #expect(counts == [.started: 1, .completed: 0, .aborted: 0, .expired: 0])
    }

    @Test("keeps its sessions when it is opened again")
    func survivesReopening() async throws {
        let session = try Self.session()
        do {
            let store = try self.open()
            _ = try await store.insert(session)
        }
        #expect(try await self.open().sessions(of: session.file, named: nil).latest == session)
    }
}

@Suite("The session database")
final class SessionDatabaseTests {
    private let path = NSTemporaryDirectory() + "database-\(UUID().uuidString).sqlite"

    deinit {
        for suffix in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: self.path + suffix) }
    }

    @Test("is durable: WAL and synchronous=FULL")
    func isDurable() throws {
        let database = try SessionDatabase(path: self.path)
        let settings = try database.queue.writeWithoutTransaction { db in
            (
                try String.fetchOne(db, sql: "PRAGMA journal_mode"), try Int.fetchOne(db, sql: "PRAGMA synchronous")
            )
        }
        #expect(settings.0 == "wal")
        #expect(settings.1 == 2)
    }

    @Test("is its owner's alone, its journal included", arguments: ["", "-wal", "-shm", ".lock"])
    func isPrivate(suffix: String) throws {
        try withExtendedLifetime(try SessionDatabase(path: self.path)) {
            let attributes = try FileManager.default.attributesOfItem(atPath: self.path + suffix)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test("takes back a mode that others could read")
    func narrowsItsMode() throws {
        let made = FileManager.default.createFile(
            atPath: self.path,
            contents: nil,
            attributes: [.posixPermissions: 0o644]
        )
        #expect(made)
        _ = try SessionDatabase(path: self.path)
        let attributes = try FileManager.default.attributesOfItem(atPath: self.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test("has one owner, a store that uses it included")
    func hasOneOwner() throws {
        let first = SQLiteSessionStore(try SessionDatabase(path: self.path))
        withExtendedLifetime(first) {
            _ = #expect(throws: DatabaseUnavailable.self) { try SessionDatabase(path: self.path) }
        }
    }

    @Test("says which file cannot be used")
    func namesTheFile() {
        #expect { try SessionDatabase(path: "/does/not/exist.sqlite") } throws: { error in
            "\(error)".contains("/does/not/exist.sqlite")
        }
    }

    @Test("gives each caller of a shared transaction its own end")
    func sharesTransactions() async throws {
        let commits = GroupCommit(try SessionDatabase(path: self.path).queue)
        struct Refused: Error {}
        try await withThrowingTaskGroup(of: Int?.self) { group in
            for number in 1...100 {
                group.addTask {
                    do {
                        return try await commits.perform { db in
                            if number.isMultiple(of: 10) { throw Refused() }
                            try db.execute(sql: "UPDATE worker SET opened_at = opened_at + 1")
                            return number
                        }
                    } catch is Refused {
                        return nil
                    }
                }
            }
            let done = try await group.reduce(into: [Int]()) { done, number in if let number { done.append(number) } }
            #expect(Set(done) == Set((1...100).filter { !$0.isMultiple(of: 10) }))
        }
    }
}
