import Foundation
import GRDB
import Testing
import Uploads

@testable import UploadWorker

/// What every session store must do; each store of the project runs it.
@Suite("A session store")
struct SessionStoreTests {
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

    @Test("tells of a file's open session, whichever ended after it was opened", arguments: TestedStore.all)
    func openBeforeNewest(tested: TestedStore) async throws {
        let place = try tested.place()
        let store = try place.open()
        let open = try Self.session("open")
        _ = try await store.insert(open)
        _ = try await store.end(try Self.session("lost").aborted(at: Date(timeIntervalSince1970: 1_700_000_100)))
        #expect(try await store.sessions(of: open.file, named: nil).latest == open)
        #expect(try await store.insert(try Self.session("another")) == open)
    }

    @Test("gives back what was saved", arguments: TestedStore.all)
    func roundTrip(tested: TestedStore) async throws {
        let place = try tested.place()
        let store = try place.open()
        let session = try Self.session()
        #expect(try await store.insert(session) == nil)
        #expect(try await store.sessions(of: session.file, named: nil) == KnownSessions(named: nil, latest: session))
        let completed = session.completed(with: try Self.completion(), at: Date(timeIntervalSince1970: 1_700_000_100))
        #expect(try await store.end(completed) == completed)
        let known = try await store.sessions(of: session.file, named: session.uploadID)
        #expect(known == KnownSessions(named: completed, latest: completed))
    }

    @Test("gives back an adopted session, which has neither part count nor content type", arguments: TestedStore.all)
    func adopted(tested: TestedStore) async throws {
        let place = try tested.place()
        let store = try place.open()
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

    @Test("knows nothing of other users and other files", arguments: TestedStore.all)
    func separatesFiles(tested: TestedStore) async throws {
        let place = try tested.place()
        let store = try place.open()
        let session = try Self.session()
        _ = try await store.insert(session)
        for other in [try Self.session(user: "43"), try Self.session(file: "b")] {
            let known = try await store.sessions(of: other.file, named: session.uploadID)
            #expect(known == KnownSessions(named: nil, latest: nil))
        }
    }

    @Test("keeps one open session a file and names the one that was first", arguments: TestedStore.all)
    func oneOpenSession(tested: TestedStore) async throws {
        let place = try tested.place()
        let store = try place.open()
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

    @Test("lets the first end of a session stand", arguments: TestedStore.all)
    func firstEndStands(tested: TestedStore) async throws {
        let place = try tested.place()
        let store = try place.open()
        let session = try Self.session()
        _ = try await store.insert(session)
        let completed = session.completed(with: try Self.completion(), at: session.startedAt)
        _ = try await store.end(completed)
        #expect(try await store.end(session.aborted(at: session.startedAt)) == completed)
    }

    @Test("moves the end of an open session, and only forward", arguments: TestedStore.all)
    func extends(tested: TestedStore) async throws {
        let place = try tested.place()
        let store = try place.open()
        let session = try Self.session()
        _ = try await store.insert(session)
        let later = session.expiresAt.addingTimeInterval(60)
        #expect(try await store.extend(session.extended(to: later)))
        #expect(try await store.sessions(of: session.file, named: nil).latest?.expiresAt == later)
        #expect(try await store.extend(session))
        #expect(try await store.sessions(of: session.file, named: nil).latest?.expiresAt == later)
        _ = try await store.end(session.expired(at: later))
        #expect(try await store.extend(session.extended(to: later.addingTimeInterval(60))) == false, "it has ended")
        #expect(try await store.sessions(of: session.file, named: nil).latest?.expiresAt == later)
    }

    @Test("ends an upload that was adopted under another id", arguments: TestedStore.all)
    func endsByUpload(tested: TestedStore) async throws {
        let place = try tested.place()
        let store = try place.open()
        let stored = try Self.session()
        _ = try await store.insert(stored)
        let another = try Self.session().aborted(at: stored.startedAt)
        #expect(try await store.end(another).state == another.state)
        let known = try await store.sessions(of: stored.file, named: stored.uploadID)
        #expect(known.named == stored.aborted(at: stored.startedAt))
    }

    @Test("leaves out the end of a session that is not stored", arguments: TestedStore.all)
    func extendsNothing(tested: TestedStore) async throws {
        let place = try tested.place()
        let store = try place.open()
        let session = try Self.session()
        #expect(try await store.extend(session))
        #expect(try await store.sessions(of: session.file, named: session.uploadID) == .none)
    }

    @Test("begins the expiry of an open session that was not extended since it was read", arguments: TestedStore.all)
    func beginsExpiry(tested: TestedStore) async throws {
        let place = try tested.place()
        let store = try place.open()
        let session = try Self.session()
        #expect(try await store.beginExpiry(of: session) == false, "it is not stored")
        _ = try await store.insert(session)
        let later = session.extended(to: session.expiresAt.addingTimeInterval(60))
        _ = try await store.extend(later)
        #expect(try await store.beginExpiry(of: session) == false, "it was extended since")
        #expect(try await store.beginExpiry(of: later))
        #expect(try await store.beginExpiry(of: later), "a sweep that was killed is repeated")
        _ = try await store.end(later.expired(at: later.expiresAt))
        #expect(try await store.beginExpiry(of: later) == false, "it has ended")
    }

    @Test("lists open sessions past their time, longest overdue first", arguments: TestedStore.all)
    func overdue(tested: TestedStore) async throws {
        let place = try tested.place()
        let store = try place.open()
        let late = try Self.session(file: "late")
        let later = try Self.session(file: "later").extended(to: late.expiresAt.addingTimeInterval(1))
        let ended = try Self.session(file: "ended")
        for session in [later, late, ended] { _ = try await store.insert(session) }
        _ = try await store.end(ended.aborted(at: ended.startedAt))
        let end = later.expiresAt
        #expect(try await store.overdue(before: end, skip: 0, limit: 10) == [late])
        #expect(try await store.overdue(before: end + 1, skip: 0, limit: 10) == [late, later])
        #expect(try await store.overdue(before: end + 1, skip: 0, limit: 1) == [late])
        #expect(try await store.overdue(before: end + 1, skip: 1, limit: 10) == [later])
    }

    @Test("forgets what ended before a time, some at a time, and nothing that is open", arguments: TestedStore.all)
    func forgets(tested: TestedStore) async throws {
        let place = try tested.place()
        let store = try place.open()
        let open = try Self.session(file: "open")
        _ = try await store.insert(open)
        for number in 1...3 {
            let session = try Self.session(file: "\(number)")
            _ = try await store.end(session.aborted(at: Date(timeIntervalSince1970: Double(number))))
        }
        let limit = Date(timeIntervalSince1970: 3)
        #expect(try await store.forget(endedBefore: limit, limit: 1) == 1)
        #expect(try await store.forget(endedBefore: limit, limit: 10) == 1)
        #expect(try await store.forget(endedBefore: limit, limit: 10) == 0)
        #expect(try await store.sessions(of: open.file, named: nil).latest == open)
        let kept = try Self.session(file: "3")
        #expect(try await store.sessions(of: kept.file, named: nil).latest?.state.name == .aborted)
    }

    @Test(
        "finds no upload by an id that could not be stored",
        arguments: TestedStore.all,
        ["up\u{0}", "u\u{0}p", "\u{1F680}"]
    )
    func strangeUploadID(tested: TestedStore, uploadID: String) async throws {
        let place = try tested.place()
        let store = try place.open()
        let session = try Self.session("up")
        _ = try await store.insert(session)
        let known = try await store.sessions(of: session.file, named: try UploadID(parsing: uploadID))
        #expect(known == KnownSessions(named: nil, latest: session))
    }

    @Test("runs a sweep, and lets its failure through", arguments: TestedStore.all)
    func sweeps(tested: TestedStore) async throws {
        struct Stopped: Error {}
        let place = try tested.place()
        let store = try place.open()
        for _ in 1...2 {
            await #expect(throws: Stopped.self) { try await store.sweepingAlone { throw Stopped() } }
            #expect(try await store.sweepingAlone {})
        }
    }

    @Test("takes many writers at once, each of whom finds its own session", arguments: TestedStore.all)
    func concurrentWriters(tested: TestedStore) async throws {
        let place = try tested.place()
        let store = try place.open()
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

    @Test(
        "remembers to look for strays, oldest first, and of two checks of a file the later",
        arguments: TestedStore.all
    )
    func strayChecks(tested: TestedStore) async throws {
        let place = try tested.place()
        let store = try place.open()
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

    @Test("counts its sessions by state as they begin, end and are forgotten", arguments: TestedStore.all)
    func counts(tested: TestedStore) async throws {
        let place = try tested.place()
        let store = try place.open()
        let (first, second, third) = (
            try Self.session(file: "a"), try Self.session(file: "b"), try Self.session(file: "c")
        )
        for session in [first, second, third, first] { _ = try await store.insert(session) }
        #expect(try await store.counts() == [.started: 3, .completed: 0, .aborted: 0, .expired: 0])
        let end = Date(timeIntervalSince1970: 1_700_000_100)
        for _ in 0..<2 { _ = try await store.end(second.aborted(at: end)) }
        _ = try await store.end(third.completed(with: try Self.completion(), at: end))
        _ = try await store.end(try Self.session("adopted", file: "d").expired(at: end))
        _ = try await store.extend(first)
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

    @Test("keeps its sessions when it is opened again", arguments: TestedStore.all)
    func survivesReopening(tested: TestedStore) async throws {
        let place = try tested.place()
        let session = try Self.session()
        do {
            let store = try place.open()
            _ = try await store.insert(session)
        }
        #expect(try await place.open().sessions(of: session.file, named: nil).latest == session)
    }

    @Test("proves that it takes writes", arguments: TestedStore.all)
    func provesWritable(tested: TestedStore) async throws {
        let place = try tested.place()
        try await place.open().proveWritable()
    }
}
