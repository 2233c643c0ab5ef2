import AMQP
import Foundation
import GRDB
import Uploads

#if PostgreSQL
    import Postgres
#endif

/// Looks into the session database of a worker that may be running: read-only, without its lock, and never creating it.
struct SessionGlance: Sendable {
    private enum Source: Sendable {
        case database(DatabaseQueue)
        #if PostgreSQL
            case postgres(PostgresGlance)
        #endif
        case unreadable(reason: String)
    }

    private let source: Source

    init(_ location: DatabaseLocation) {
        self.source =
            switch location {
            case .sqlite(let path): Self.open(path)
            #if PostgreSQL
                case .postgres(let url): Self.open(url)
            #endif
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
        do {
            switch self.source {
            case .unreadable(let reason): return .unknown(reason: reason)
            case .database(let database):
                return Prospect(request, sessions: try database.read { db in try Self.sessions(for: request, in: db) })
            #if PostgreSQL
                case .postgres(let glance): return Prospect(request, sessions: try glance.sessions(for: request))
            #endif
            }
        } catch {
            return .unknown(reason: "SESSION_STORE cannot be read: \(error)")
        }
    }

    private static func open(_ path: String) -> Source {
        do {
            return .database(try SessionDatabase.readOnly(path: path))
        } catch {
            return .unreadable(reason: "SESSION_STORE cannot be opened: \(error)")
        }
    }

    #if PostgreSQL
        private static func open(_ url: PostgresURL) -> Source {
            do throws(PostgresError) {
                return .postgres(try PostgresGlance(url))
            } catch {
                return .unreadable(reason: "SESSION_STORE, \(url), cannot be opened: \(error)")
            }
        }
    #endif

    private static func sessions(for request: UploadRequest, in db: Database) throws -> KnownSessions {
        KnownSessions(
            named: try request.uploadID.flatMap { try SessionRow.named($0, of: request.file, in: db) },
            latest: try SessionRow.latest(of: request.file, in: db)
        )
    }
}
