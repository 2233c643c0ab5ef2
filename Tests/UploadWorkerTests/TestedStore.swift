import Foundation
import Testing

@testable import UploadWorker

/// A session store under test: SQLite's, and PostgreSQL's where the build has it and `TEST_POSTGRES_URL` names a database.
enum TestedStore: CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite, postgres

    static var all: [TestedStore] {
        #if PostgreSQL
            TestedPostgres.url == nil ? [.sqlite] : [.sqlite, .postgres]
        #else
            [.sqlite]
        #endif
    }

    var testDescription: String { "\(self)" }

    /// A place of its own, which is gone when nobody has it any more.
    func place() throws -> any StorePlace {
        switch self {
        case .sqlite: return SQLiteFile()
        case .postgres:
            #if PostgreSQL
                return try PostgresSchema()
            #else
                throw CocoaError(.featureUnsupported)
            #endif
        }
    }
}

/// Where a store is kept; may be opened more than once, as by several workers where the store allows it.
protocol StorePlace: AnyObject, Sendable {
    func open() throws -> any SessionStore
    /// For reading beside who has it open.
    func pages() throws -> any SessionPages
}

final class SQLiteFile: StorePlace {
    private let path = NSTemporaryDirectory() + "sessions-\(UUID().uuidString).sqlite"

    func open() throws -> any SessionStore { SQLiteSessionStore(try SessionDatabase(path: self.path)) }

    func pages() throws -> any SessionPages { try DatabaseLocation.sqlite(path: self.path).pages() }

    deinit {
        for suffix in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: self.path + suffix) }
    }
}
