import Foundation
import GRDB

/// The SQLite file of one worker process.
///
/// Opening it takes a lock that lives as long as the process (two writers can corrupt a WAL before SQLite 3.51.3), makes
/// the file readable by its owner alone, and leaves it in WAL mode with `synchronous=FULL`, read back to be sure.
struct SessionDatabase: Sendable {
    let queue: DatabaseQueue
    private let lock: FileLock

    /// Beside the file itself, whatever other names lead to it.
    static func lockPath(of path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path + ".lock"
    }

    init(path: String) throws {
        try Self.refuseForeignFile(path)
        self.lock = try FileLock(path: Self.lockPath(of: path))
        try Self.createPrivateFile(path)
        var configuration = Configuration()
        configuration.label = "upload-sessions"
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 1
        self.queue = try DatabaseQueue(path: path, configuration: configuration)
        try Self.makeDurable(self.queue)
        try SessionMigrations.migrator.migrate(self.queue)
        try self.queue.write(Self.proveWritable)
    }

    /// A look into the file of a worker that may be running: read-only, without its lock, and never creating it.
    ///
    /// Such a connection neither writes nor checkpoints; a long transaction of it would keep the worker's WAL from
    /// being reused, so each is to be short.
    static func readOnly(path: String) throws -> DatabaseQueue {
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw DatabaseUnavailable(path: path, reason: "it is no file that can be read here; check SESSION_STORE")
        }
        var configuration = Configuration()
        configuration.label = "upload-sessions.reader"
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// A path given by mistake must not lose its mode or get a lock file beside it.
    static func refuseForeignFile(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw DatabaseUnavailable(path: path, reason: "it is not a regular file")
        }
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw DatabaseUnavailable(path: path, reason: "it cannot be read")
        }
        let start = try file.read(upToCount: 16) ?? Data()
        // https://www.sqlite.org/fileformat.html#the_database_header
        guard start.isEmpty || start == Data("SQLite format 3\0".utf8) else {
            throw DatabaseUnavailable(path: path, reason: "it is not an SQLite database")
        }
    }

    /// SQLite gives its `-wal` and `-shm` files the mode of the database file, so it is made first, with 0600.
    private static func createPrivateFile(_ path: String) throws {
        let file = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw DatabaseUnavailable(path: path, reason: String(cString: strerror(errno))) }
        defer { close(file) }
        guard fchmod(file, 0o600) == 0 else {
            throw DatabaseUnavailable(
                path: path,
                reason: "its mode cannot be set to 0600: \(String(cString: strerror(errno)))"
            )
        }
    }

    /// GRDB sets `synchronous=NORMAL` when it turns WAL on, so FULL is set afterwards and read back.
    private static func makeDurable(_ queue: DatabaseQueue) throws {
        try queue.writeWithoutTransaction { db in
            let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
            try db.execute(sql: "PRAGMA synchronous = FULL")
            let synchronous = try Int.fetchOne(db, sql: "PRAGMA synchronous")
            guard mode == "wal", synchronous == 2 else {
                throw DatabaseUnavailable(
                    path: db.description,
                    reason:
                        "journal_mode is \(mode ?? "unknown") and synchronous \(synchronous ?? -1), not wal and 2 (FULL)"
                )
            }
        }
    }

    /// A full or read-only disk is found here, before any request is taken, and not by the first request.
    static func proveWritable(_ db: Database) throws {
        try db.execute(sql: "UPDATE worker SET opened_at = ?", arguments: [Date().timeIntervalSince1970])
    }
}

/// The database cannot be used; the worker does not start.
struct DatabaseUnavailable: Error, CustomStringConvertible {
    var path: String
    var reason: String

    var description: String { "the session database \(self.path) cannot be used: \(self.reason)" }
}
