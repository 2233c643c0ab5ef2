#if PostgreSQL
    import Postgres
    import Synchronization
    import Uploads

    /// Reads sessions with a connection of its own, and creates nothing.
    final class PostgresGlance: Sendable {
        private let connection: Mutex<Connection>

        init(_ url: PostgresURL) throws(PostgresError) {
            self.connection = Mutex(try Connection.open(url))
        }

        func sessions(for request: UploadRequest) throws -> KnownSessions {
            let upload = PostgresSessionRow.upload(request.uploadID, of: request.file)
            return try KnownSessions(try self.connection.withLock { try $0.execute(PostgresSessionRow.known, upload) })
        }
    }
#endif
