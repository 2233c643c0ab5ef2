import AMQP
import Foundation
import GRDB
import Uploads

/// Looks into the session database of a worker that may be running: read-only, without its lock, and never creating it.
struct SessionGlance: Sendable {
    private enum Source: Sendable {
        case database(DatabaseQueue)
        case unreadable(reason: String)
    }

    private let source: Source

    init(_ location: DatabaseLocation) {
        self.source =
            switch location {
            case .sqlite(let path): Self.open(path)
            }
    }

    /// What would happen to the request now; sessions that cannot be read leave it open.
    func prospect(of delivery: Delivery, kind: RequestKind, rules: UploadRules) -> Prospect {
        do throws(RequestRefusal) {
            return self.prospect(of: try UploadRequest(delivery, kind: kind, rules: rules))
        } catch {
            return .refused(code: error.failure.code.rawValue)
        }
    }

    private func prospect(of request: UploadRequest) -> Prospect {
        switch self.source {
        case .unreadable(let reason): return .unknown(reason: reason)
        case .database(let database):
            do {
                return Prospect(request, sessions: try database.read { db in try Self.sessions(for: request, in: db) })
            } catch {
                return .unknown(reason: "SESSION_STORE cannot be read: \(error)")
            }
        }
    }

    private static func open(_ path: String) -> Source {
        do {
            return .database(try SessionDatabase.readOnly(path: path))
        } catch {
            return .unreadable(reason: "SESSION_STORE cannot be opened: \(error)")
        }
    }

    private static func sessions(for request: UploadRequest, in db: Database) throws -> KnownSessions {
        KnownSessions(
            named: try request.uploadID.flatMap { try SessionRow.named($0, of: request.file, in: db) },
            latest: try SessionRow.latest(of: request.file, in: db)
        )
    }
}
