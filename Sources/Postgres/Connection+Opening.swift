#if PostgreSQL
    import CPostgres
    import Glibc

    extension Connection {
        /// Connects to the first of the URL's servers that takes connections, and writes.
        package static func open(_ url: PostgresURL) throws(PostgresError) -> Connection {
            var failures: [PostgresError] = []
            for server in url.servers {
                do throws(PostgresError) {
                    return try Self.open(server)
                } catch {
                    failures.append(error)
                }
            }
            // Waiting may help as soon as it may help with one of them.
            let telling = failures.first { !$0.isMisconfiguration } ?? failures.first
            let texts = failures.map(\.message).joined(separator: "; ")
            throw PostgresError(telling?.kind ?? .unreachable, texts, state: telling?.state)
        }

        /// By the steps of PQconnectPoll, since libpq tells a failure's SQLSTATE only in a verbose message, and verbosity is set
        /// on a connection that has begun.
        private static func open(_ server: [String: String]) throws(PostgresError) -> Connection {
            let parameters = ConnectionTimes.parameters.merging(server) { _, given in given }.sorted { $0.key < $1.key }
            let handle = withCStrings(parameters.map(\.key) + [nil]) { keywords in
                withCStrings(parameters.map(\.value) + [nil]) { PQconnectStartParams(keywords, $0, 0) }
            }
            guard let handle else { throw PostgresError(.unreachable, "there is no memory for a connection") }
            do throws(PostgresError) {
                try Self.finish(handle, within: server["connect_timeout"].flatMap(Int.init))
            } catch {
                PQfinish(handle)
                throw error
            }
            return Connection(connected: handle)
        }

        /// - Parameter seconds: nil or less than 1 for the usual time.
        private static func finish(_ handle: OpaquePointer, within seconds: Int?) throws(PostgresError) {
            PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
            // Else they go to standard error.
            PQsetNoticeProcessor(handle, { _, _ in }, nil)
            let time = seconds.flatMap { $0 < 1 ? nil : Duration.seconds($0) } ?? ConnectionTimes.connect
            let deadline = ContinuousClock.now + time
            var step = PQstatus(handle) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
            while step != PGRES_POLLING_OK {
                if step == PGRES_POLLING_FAILED { throw PostgresError(failedToConnect: handle) }
                let events = step == PGRES_POLLING_READING ? POLLIN : POLLOUT
                guard waitForSocket(PQsocket(handle), Int16(events), until: deadline) else {
                    let host = PQhost(handle).map { String(cString: $0) } ?? ""
                    let port = PQport(handle).map { String(cString: $0) } ?? ""
                    throw PostgresError(.unreachable, "no answer from \(host), port \(port), within \(time)")
                }
                step = PQconnectPoll(handle)
            }
            PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        }
    }

    extension PostgresError {
        fileprivate init(failedToConnect handle: OpaquePointer) {
            let failure = ConnectionFailure(reading: String(cString: PQerrorMessage(handle)))
            let needsPassword = PQconnectionNeedsPassword(handle) == 1
            self.init(.unreachable, failure.message, state: failure.state ?? (needsPassword ? SQLState("28P01") : nil))
        }
    }

    /// libpq's verbose message about a connection that could not be made, taken apart:
    /// `connection to server at "h", port 5432 failed: FATAL:  28P01: password authentication failed for user "u"`
    struct ConnectionFailure: Equatable {
        private(set) var state: SQLState?
        private(set) var message = ""

        init(reading text: String) {
            var lines: [String] = []
            for line in text.split(separator: "\n") where !line.hasPrefix("LOCATION:") {
                let (state, line) = Self.withoutState(line)
                self.state = state ?? self.state
                if !lines.contains(line) { lines.append(line) }
            }
            self.message = onOneLine(lines.joined(separator: "\n"))
        }

        /// The code follows the severity, whatever language that is in.
        private static func withoutState(_ line: Substring) -> (SQLState?, String) {
            guard let match = line.firstMatch(of: #/:  ([0-9A-Z]{5}): /#) else { return (nil, String(line)) }
            let rest = line[match.range.upperBound...]
            return (SQLState(String(match.1)), "\(line[..<match.range.lowerBound]): \(rest)")
        }
    }
#endif
