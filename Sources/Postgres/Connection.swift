#if PostgreSQL
    import CPostgres
    import Glibc

    /// One connection to the server; of one thread.
    ///
    /// A statement's outcome is what the server says by the end of its answer: with the extended protocol the row count comes
    /// before the commit.
    package final class Connection {
        let handle: OpaquePointer
        /// What the server calls this connection; nil until `makeDurable()`.
        var backend: Backend?
        private var prepared: Set<String> = []
        /// It fell silent, or its protocol is torn.
        private(set) var isSpoilt = false
        private var isInDoubt = false

        /// Takes a handle over that is connected.
        init(connected handle: OpaquePointer) {
            self.handle = handle
            PQsetnonblocking(handle, 1)
        }

        deinit { PQfinish(self.handle) }

        /// The backend that may still be at a statement of this connection.
        var backendInDoubt: Backend? { self.isInDoubt ? self.backend : nil }

        /// Carries out one statement, in a transaction of its own unless one was begun.
        ///
        /// - Parameter parameters: in PostgreSQL's text form; nil for NULL.
        package func execute(_ statement: Statement, _ parameters: [String?] = []) throws(PostgresError) -> Rows {
            guard !parameters.contains(where: { $0?.utf8.contains(0) == true }) else {
                throw PostgresError(
                    .refused,
                    "a text has a NUL, which PostgreSQL does not take",
                    state: SQLState("22021")
                )
            }
            if statement.name.isEmpty || !self.prepared.contains(statement.name) {
                _ = try self.exchange { PQsendPrepare(self.handle, statement.name, statement.sql, 0, nil) }
                self.prepared.insert(statement.name)
            }
            return try self.exchange {
                withCStrings(parameters) { values in
                    PQsendQueryPrepared(self.handle, statement.name, Int32(values.count), values, nil, nil, 0)
                }
            }
        }

        /// Carries out SQL without parameters, several statements included.
        package func run(_ sql: String) throws(PostgresError) {
            _ = try self.exchange { PQsendQuery(self.handle, sql) }
        }

        private func exchange(_ send: () -> Int32) throws(PostgresError) -> Rows {
            let deadline = ContinuousClock.now + ConnectionTimes.answer
            self.isInDoubt = true
            guard send() == 1 else { throw self.lost() }
            try self.flush(until: deadline)
            let rows = try self.answer(until: deadline)
            self.isInDoubt = false
            return rows
        }

        private func flush(until deadline: ContinuousClock.Instant) throws(PostgresError) {
            while true {
                switch PQflush(self.handle) {
                case 0: return
                case 1: try self.wait(for: Int16(POLLIN | POLLOUT), until: deadline)
                default: throw self.lost()
                }
                // An unread answer may be what keeps the server from reading.
                guard PQconsumeInput(self.handle) == 1 else { throw self.lost() }
            }
        }

        /// Reads to the end of the answer: an error may come after rows.
        private func answer(until deadline: ContinuousClock.Instant) throws(PostgresError) -> Rows {
            var rows = Rows()
            var failure: PostgresError?
            while true {
                while PQisBusy(self.handle) == 1 {
                    try self.wait(for: Int16(POLLIN), until: deadline)
                    guard PQconsumeInput(self.handle) == 1 else { throw self.lost() }
                }
                guard let result = PQgetResult(self.handle) else { break }
                defer { PQclear(result) }
                switch PQresultStatus(result) {
                case PGRES_TUPLES_OK, PGRES_COMMAND_OK: rows = Rows(copying: result)
                default: failure = failure ?? PostgresError(result)
                }
            }
            if PQstatus(self.handle) == CONNECTION_BAD { throw self.lost(failure) }
            if let failure {
                self.isInDoubt = false
                throw failure
            }
            return rows
        }

        private func wait(for events: Int16, until deadline: ContinuousClock.Instant) throws(PostgresError) {
            guard waitForSocket(PQsocket(self.handle), events, until: deadline) else {
                self.isSpoilt = true
                throw PostgresError(.lost, "the server gave no answer within \(ConnectionTimes.answer)")
            }
        }

        private func lost(_ failure: PostgresError? = nil) -> PostgresError {
            self.isSpoilt = true
            let text = failure.map(\.message) ?? onOneLine(String(cString: PQerrorMessage(self.handle)))
            return PostgresError(.lost, text, state: failure?.state)
        }
    }

    extension PostgresError {
        fileprivate init(_ result: OpaquePointer) {
            let state = cpostgres_sqlstate(result).map { SQLState(String(cString: $0)) }
            let message = cpostgres_message(result) ?? PQresultErrorMessage(result).map { UnsafePointer($0) }
            let text = message.map { onOneLine(String(cString: $0)) } ?? "the server gave no reason"
            self.init(.refused, text, state: state)
        }
    }

    extension Rows {
        fileprivate init(copying result: OpaquePointer) {
            let columns = 0..<PQnfields(result)
            self.values = (0..<PQntuples(result)).map { row in
                columns.map { column in
                    guard PQgetisnull(result, row, column) == 0, let value = PQgetvalue(result, row, column) else {
                        return nil
                    }
                    return String(cString: value)
                }
            }
            self.affected = Int(String(cString: PQcmdTuples(result))) ?? 0
        }
    }
#endif
