#if PostgreSQL
    import CPostgres

    /// `postgres://user:password@host:port/database?parameters`, as libpq reads it, its parameters included.
    package struct PostgresURL: Hashable, Sendable, CustomStringConvertible {
        /// By libpq's names; without what the text does not say.
        private(set) var parameters: [String: String] = [:]

        package init(parsing text: String) throws(InvalidPostgresURL) {
            // libpq's own complaint is thrown away: it repeats the URL.
            guard let options = PQconninfoParse(text, nil) else { throw InvalidPostgresURL() }
            defer { PQconninfoFree(options) }
            var option = options
            while let keyword = option.pointee.keyword {
                if let value = option.pointee.val { self.parameters[String(cString: keyword)] = String(cString: value) }
                option += 1
            }
            // libpq finds this out when it connects, and says it as it says that nobody is there.
            guard self.list("port").allSatisfy({ $0.isEmpty || UInt16($0) != nil }) else { throw InvalidPostgresURL() }
        }

        /// Who connects where; without the password.
        package var description: String {
            let user = self.parameters["user"].map { " as user \"\($0)\"" } ?? ""
            let database = self.parameters["dbname"].map { "database \"\($0)\"" } ?? "the user's database"
            let servers = self.servers.map { server in
                (server["host"] ?? server["hostaddr"] ?? "the local socket") + (server["port"].map { ":\($0)" } ?? "")
            }
            return "\(database) at \(servers.joined(separator: ", "))\(user)"
        }

        /// What to connect with, for each server that the URL names, in its order.
        var servers: [[String: String]] {
            let (hosts, addresses, ports) = (self.list("host"), self.list("hostaddr"), self.list("port"))
            return (0..<max(hosts.count, addresses.count, 1)).map { index in
                var server = self.parameters
                server["host"] = hosts.isEmpty ? nil : hosts[min(index, hosts.count - 1)]
                server["hostaddr"] = addresses.isEmpty ? nil : addresses[min(index, addresses.count - 1)]
                server["port"] = ports.isEmpty ? nil : ports[min(index, ports.count - 1)]
                return server.filter { !$0.value.isEmpty }
            }
        }

        private func list(_ name: String) -> [String] {
            self.parameters[name]?.split(separator: ",", omittingEmptySubsequences: false).map(String.init) ?? []
        }
    }

    package struct InvalidPostgresURL: Error {}
#endif
