extension DatabaseLocation {
    /// Opens the sessions for reading beside the workers that write them; makes nothing.
    func pages() throws -> any SessionPages {
        switch self {
        case .sqlite(let path): return SQLiteSessionPages(database: try SessionDatabase.readOnly(path: path))
        #if PostgreSQL
            case .postgres(let url): return try Self.pages(url)
        #endif
        }
    }
}

extension DatabaseLocation: CustomStringConvertible {
    /// Without a password.
    var description: String {
        switch self {
        case .sqlite(let path): path
        #if PostgreSQL
            case .postgres(let url): "\(url)"
        #endif
        }
    }
}

#if PostgreSQL
    import Postgres

    extension DatabaseLocation {
        private static func pages(_ url: PostgresURL) throws(SettingError) -> any SessionPages {
            do throws(PostgresError) {
                return PostgresSessionPages(connection: try Connection.open(url))
            } catch {
                throw SettingError("SESSION_STORE", "cannot be read (\(url)): \(error)")
            }
        }
    }
#endif
