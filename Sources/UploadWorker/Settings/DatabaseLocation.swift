#if PostgreSQL
    import Postgres
#endif

/// Where sessions are stored.
enum DatabaseLocation: Equatable, Sendable {
    case sqlite(path: String)
    #if PostgreSQL
        case postgres(PostgresURL)
    #endif

    /// OpenTelemetry's name of the database system.
    var system: String {
        switch self {
        case .sqlite: "sqlite"
        #if PostgreSQL
            case .postgres: "postgresql"
        #endif
        }
    }

    init(_ source: SettingsSource) throws(SettingError) {
        let text = source.text("SESSION_STORE") ?? "sqlite:upload-sessions.sqlite"
        if text.hasPrefix("sqlite:"), text.utf8.count > "sqlite:".utf8.count {
            self = .sqlite(path: String(text.dropFirst("sqlite:".count)))
        } else if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") {
            self = try Self.postgres(text)
        } else {
            // Not shown: an unknown kind of URL may hold a password.
            throw SettingError(
                "SESSION_STORE",
                "must be sqlite:PATH, for example sqlite:/var/lib/upload-worker/sessions.sqlite, or postgres://…"
            )
        }
    }

    #if PostgreSQL
        private static func postgres(_ text: String) throws(SettingError) -> Self {
            do {
                return .postgres(try PostgresURL(parsing: text))
            } catch {
                // Not shown: it may hold a password.
                throw SettingError(
                    "SESSION_STORE",
                    "is no URL that libpq reads: give postgres://USER:PASSWORD@HOST:PORT/DATABASE, special characters as %XX"
                )
            }
        }
    #else
        private static func postgres(_ text: String) throws(SettingError) -> Self {
            throw SettingError(
                "SESSION_STORE",
                "names PostgreSQL, which this build leaves out: build with swift build --traits PostgreSQL, or use sqlite:PATH"
            )
        }
    #endif
}
