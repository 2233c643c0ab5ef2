import Foundation
import GRDB
import Testing
import Uploads

@testable import UploadWorker

@Suite("A listing of sessions")
final class SessionListingTests {
    private static let start = Date(timeIntervalSince1970: 1_800_000_000)
    private let path = NSTemporaryDirectory() + "listing-\(UUID().uuidString).sqlite"

    deinit {
        for suffix in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: self.path + suffix) }
    }

    /// Ten sessions, a minute apart: users 0 to 2 in turn, every other one aborted.
    private func fill(_ store: any SessionStore) async throws {
        for number in 0..<10 {
            let file = FileReference(
                userID: try UserID(parsing: "u\(number % 3)"),
                fileID: try FileID(parsing: "f\(number)")
            )
            let session = Session(
                id: SessionID(UUID()),
                file: file,
                uploadID: try UploadID(parsing: "up"),
                key: ObjectKey("k\(number)"),
                partCount: 1,
                contentType: nil,
                startedAt: Self.start.addingTimeInterval(Double(number) * 60),
                expiresAt: Self.start.addingTimeInterval(86_400)
            )
            _ = try await store.insert(session)
            if number.isMultiple(of: 2) { _ = try await store.end(session.aborted(at: Self.start)) }
        }
    }

    private func files(
        of place: any StorePlace,
        _ filter: SessionFilter,
        _ order: SessionListing.Order = .newestFirst,
        pageSize: Int = 3,
        atMost limit: Int = .max
    ) throws -> [String] {
        var listing = try SessionListing(place.pages(), filter, order, pageSize: pageSize)
        var found: [String] = []
        while case let page = try listing.next(atMost: limit - found.count), !page.isEmpty {
            #expect(page.count <= pageSize)
            found += page.map(\.file.fileID.rawValue)
        }
        return found
    }

    @Test("has all of them once, whatever the size of its pages", arguments: TestedStore.all, [1, 3, 9, 10, 11])
    func pages(tested: TestedStore, size: Int) async throws {
        let place = try tested.place()
        try await self.fill(place.open())
        let all = (0..<10).map { "f\($0)" }
        #expect(try self.files(of: place, SessionFilter(), .oldestFirst, pageSize: size) == all)
        #expect(try self.files(of: place, SessionFilter(), .newestFirst, pageSize: size) == all.reversed())
    }

    @Test("has no more than asked for", arguments: TestedStore.all, [0, 1, 3, 4, 10, 11])
    func limit(tested: TestedStore, limit: Int) async throws {
        let place = try tested.place()
        try await self.fill(place.open())
        #expect(try self.files(of: place, SessionFilter(), atMost: limit).count == min(limit, 10))
    }

    @Test("has what fits every filter", arguments: TestedStore.all)
    func filters(tested: TestedStore) async throws {
        let place = try tested.place()
        try await self.fill(place.open())
        let user = try UserID(parsing: "u1")
        #expect(try self.files(of: place, SessionFilter(userID: user)) == ["f7", "f4", "f1"])
        #expect(try self.files(of: place, SessionFilter(userID: user, fileID: try FileID(parsing: "f4"))) == ["f4"])
        #expect(try self.files(of: place, SessionFilter(fileID: try FileID(parsing: "f4"))) == ["f4"])
        #expect(try self.files(of: place, SessionFilter(userID: user, states: [.aborted])) == ["f4"])
        #expect(
            try self.files(of: place, SessionFilter(states: [.started, .completed])) == ["f9", "f7", "f5", "f3", "f1"]
        )
        #expect(try self.files(of: place, SessionFilter(states: [.expired])).isEmpty)
    }

    @Test("counts age from the start, both ends left out", arguments: TestedStore.all)
    func age(tested: TestedStore) async throws {
        let place = try tested.place()
        try await self.fill(place.open())
        let (third, sixth) = (Self.start.addingTimeInterval(180), Self.start.addingTimeInterval(360))
        #expect(try self.files(of: place, SessionFilter(startedBefore: third)) == ["f2", "f1", "f0"])
        #expect(try self.files(of: place, SessionFilter(startedAfter: sixth)) == ["f9", "f8", "f7"])
        #expect(try self.files(of: place, SessionFilter(startedBefore: sixth, startedAfter: third)) == ["f5", "f4"])
    }

    @Test("finds a user's sessions without the index, too")
    func withoutIndex() async throws {
        try await self.fill(SQLiteSessionStore(SessionDatabase(path: self.path)))
        let filter = SessionFilter(userID: try UserID(parsing: "u1"))
        let (conditions, arguments) = filter.conditions(usesIndex: false)
        let sql = "SELECT file_id FROM session WHERE \(conditions.joined(separator: " AND ")) ORDER BY sequence DESC"
        let database = try SessionDatabase.readOnly(path: self.path)
        try await database.read { db in
            #expect(try String.fetchAll(db, sql: sql, arguments: arguments) == ["f7", "f4", "f1"])
            let plan = try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(sql)", arguments: arguments)
            #expect(plan.map { $0["detail"] as String } == ["SCAN session"])
        }
    }

    @Test("writes nothing, and needs a file that is there")
    func readOnly() async throws {
        #expect(throws: DatabaseUnavailable.self) { try SessionDatabase.readOnly(path: self.path) }
        #expect(!FileManager.default.fileExists(atPath: self.path))
        try await self.fill(SQLiteSessionStore(SessionDatabase(path: self.path)))
        let database = try SessionDatabase.readOnly(path: self.path)
        await #expect(throws: DatabaseError.self) {
            try await database.write { db in try db.execute(sql: "DELETE FROM session") }
        }
    }
}
