import Foundation
import GRDB

/// Looks at the session database without touching it: what is to be proved by writing is proved on another one beside it.
struct DatabaseCheck: Sendable {
    let path: String
    let limit: Duration

    func run() async -> [CheckResult] {
        async let file = self.limited("database.file") { self.file() }
        async let writing = self.limited("database.writable") { self.writing() }
        async let schema = self.limited("database.schema") { self.schema() }
        return await [file, writing, schema]
    }

    private func limited(_ name: String, _ body: @escaping @Sendable () -> CheckResult) async -> CheckResult {
        await blocking(atMost: self.limit, body)
            ?? .failure(
                name,
                "\(self.path): no answer in \(self.limit.settingText)",
                remedy: "SESSION_STORE belongs on a local disk that works"
            )
    }

    private var exists: Bool { FileManager.default.fileExists(atPath: self.path) }

    private func file() -> CheckResult {
        let name = "database.file"
        guard self.exists else { return .ok(name, "\(self.path) is not there yet: the first run makes it") }
        do {
            try SessionDatabase.refuseForeignFile(self.path)
        } catch {
            return .failure(name, "\(error)", remedy: "name another file in SESSION_STORE, or restore this one")
        }
        var status = stat()
        if stat(self.path, &status) == 0, status.st_mode & 0o077 != 0 {
            return .warning(
                name,
                "\(self.path) is open to other users (mode \(String(status.st_mode & 0o777, radix: 8)))",
                remedy: "chmod 600, which upload-worker run does too"
            )
        }
        guard FileLock.isHeld(path: SessionDatabase.lockPath(of: self.path)) else { return .ok(name, self.path) }
        return .ok(name, "\(self.path) is in use by a running worker; a second one needs a SESSION_STORE of its own")
    }

    private func writing() -> CheckResult {
        let name = "database.writable"
        let directory = URL(fileURLWithPath: self.path).deletingLastPathComponent().path
        let remedy = "let user \(getuid()) write to \(directory), on a local disk with room"
        if self.exists, access(self.path, W_OK) != 0 {
            return .failure(name, "\(self.path): \(String(cString: strerror(errno)))", remedy: remedy)
        }
        let probe = "\(self.path).check-\(UUID().uuidString.lowercased())"
        defer { Self.remove(probe) }
        do {
            try SessionDatabase(path: probe).queue.close()
            return .ok(name, "a database in \(directory) takes commits, in WAL mode with synchronous=FULL")
        } catch let error as DatabaseUnavailable {
            return .failure(name, "\(directory): \(error.reason)", remedy: remedy)
        } catch {
            return .failure(name, "\(directory): \(error)", remedy: remedy)
        }
    }

    private static func remove(_ probe: String) {
        for path in [probe, "\(probe)-wal", "\(probe)-shm", SessionDatabase.lockPath(of: probe)] { unlink(path) }
    }

    private func schema() -> CheckResult {
        let name = "database.schema"
        guard self.exists else { return .ok(name, "the first run makes the tables") }
        do {
            let database = try SessionDatabase.readOnly(path: self.path)
            return try database.read { db in try Self.schema(SessionMigrations.migrator, db) }
        } catch {
            return .failure(
                name,
                "\(self.path) cannot be read: \(error)",
                remedy: "restore it, or move it away: the worker finds open uploads in the store"
            )
        }
    }

    private static func schema(_ migrator: DatabaseMigrator, _ db: Database) throws -> CheckResult {
        let name = "database.schema"
        let (all, applied) = (migrator.migrations, try migrator.appliedIdentifiers(db))
        if try migrator.hasBeenSuperseded(db) {
            return .failure(
                name,
                "made by a newer upload-worker (\(applied.subtracting(all).sorted().joined(separator: ", ")))",
                remedy: "run that version, or give this one another SESSION_STORE"
            )
        }
        let pending = all.filter { !applied.contains($0) }
        guard pending.isEmpty else {
            let steps = pending.joined(separator: ", ")
            return .ok(
                name,
                "not migrated yet: \(steps); upload-worker run does so at its start, and no older version can use it then"
            )
        }
        let open = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM session WHERE state = 'started'") ?? 0
        return .ok(name, "migrated; open sessions: \(open)")
    }
}
