import AMQP
import Foundation
import GRDB
import Uploads

/// Looks into the session database of a worker that may be running: read-only, without its lock, and never creating it.
struct SessionGlance: Sendable {
    private let database: DatabaseQueue?

    init(_ location: DatabaseLocation) {
        guard case .sqlite(let path) = location, FileManager.default.isReadableFile(atPath: path) else {
            self.database = nil
            return
        }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        self.database = try? DatabaseQueue(path: path, configuration: configuration)
    }

    /// Nil where the database cannot be asked.
    func sessions(for request: UploadRequest) -> KnownSessions? {
        guard let database else { return nil }
        return try? database.read { db in
            KnownSessions(
                named: try request.uploadID.flatMap { try SessionRow.named($0, of: request.file, in: db) },
                latest: try SessionRow.latest(of: request.file, in: db)
            )
        }
    }

    func prospect(of body: Delivery, kind: RequestKind, rules: UploadRules) -> Prospect {
        do throws(RequestRefusal) {
            let request = try UploadRequest(body, kind: kind, rules: rules)
            return Prospect(request, sessions: self.sessions(for: request))
        } catch {
            return .refused(code: error.failure.code.rawValue)
        }
    }
}
