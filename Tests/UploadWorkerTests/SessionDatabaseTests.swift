import Foundation
import GRDB
import Testing

@testable import UploadWorker

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
