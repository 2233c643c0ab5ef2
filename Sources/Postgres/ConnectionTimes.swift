#if PostgreSQL
    /// How long a connection waits for what.
    ///
    /// A server that is overloaded has the time to end a statement by itself, and says so; one that says nothing is given up
    /// by the client.
    enum ConnectionTimes {
        /// To connect to one of the URL's servers, where the URL has no `connect_timeout`.
        static let connect = Duration.seconds(5)
        static let statement = Duration.seconds(10)
        static let lock = Duration.seconds(5)
        /// For a statement's answer; longer than the server's own time for it.
        static let answer = Duration.seconds(15)
        /// For a backend whose client gave it up to end.
        static let backendEnd = Duration.seconds(3)

        /// libpq's parameters, for those that the URL does not have. After a failover the URL's other servers are tried for
        /// one that takes writes.
        static let parameters = [
            "fallback_application_name": "upload-worker", "client_encoding": "UTF8",
            "target_session_attrs": "read-write",
            "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3", "tcp_user_timeout": "15000",
        ]
    }
#endif
