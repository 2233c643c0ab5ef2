extension DatabaseLocation {
    /// Opens the session store.
    ///
    /// - Parameters:
    ///   - committed: told how many pieces of work shared each commit of a store that shares them.
    ///   - outage: begins where the database is not to be reached yet; it is tried until it is.
    /// - Throws: what an operator has to change.
    func open(
        committed: @escaping @Sendable (Int) -> Void,
        outage: DatabaseOutage
    ) throws(SettingError) -> any SessionStore {
        switch self {
        case .sqlite(let path):
            do {
                return SQLiteSessionStore(try SessionDatabase(path: path), committed: committed)
            } catch {
                throw SettingError("SESSION_STORE", value: "sqlite:\(path)", "\(error)")
            }
        #if PostgreSQL
            case .postgres(let url): return try Self.open(url, outage)
        #endif
        }
    }
}

#if PostgreSQL
    import Postgres

    extension DatabaseLocation {
        private static func open(_ url: PostgresURL, _ outage: DatabaseOutage) throws(SettingError) -> any SessionStore
        {
            do throws(PostgresError) {
                try PostgresSessionStore.check(url)
            } catch {
                guard error.canPass, !error.isMisconfiguration else {
                    let wayOut = error.state.flatMap(Self.wayOut).map { ": \($0)" } ?? ""
                    throw SettingError("SESSION_STORE", "cannot be used (\(url)): \(error)\(wayOut)")
                }
                outage.began(SessionStoreError(error))
            }
            return PostgresSessionStore(url)
        }

        private static func wayOut(of state: SQLState) -> String? {
            switch state.code {
            case "3D000": "create it with CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0"
            case "42501": "grant the user CREATE on the schema, and all on its tables that begin with upload_"
            case _ where state.code.hasPrefix("28"): "check the URL's user and password, and the server's pg_hba.conf"
            default: nil
            }
        }
    }
#endif
