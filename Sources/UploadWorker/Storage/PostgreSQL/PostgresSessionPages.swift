#if PostgreSQL
    import Postgres
    import Uploads

    /// Sessions of a database that workers share, read with a connection of its own.
    struct PostgresSessionPages: SessionPages {
        let connection: Connection

        func sessions(_ filter: SessionFilter, _ order: SessionListing.Order, behind last: Int64?, limit: Int) throws
            -> [PlacedSession]
        {
            var conditions = NumberedConditions(filter)
            if let last {
                let place = conditions.place("\(last)")
                conditions.sql.append("sequence \(order == .newestFirst ? "<" : ">") \(place)")
            }
            let count = conditions.place("\(limit)")
            let rest = conditions.sql.isEmpty ? "" : " WHERE " + conditions.sql.joined(separator: " AND ")
            let direction = order == .newestFirst ? "DESC" : "ASC"
            let statement = Statement(
                "",
                PostgresSessionRow.placed + "\(rest) ORDER BY sequence \(direction) LIMIT \(count)"
            )
            return try self.connection.execute(statement, conditions.values).values.map { row in
                guard let place = row.last?.flatMap({ Int64($0) }) else {
                    throw UnreadableSession(id: row.first?.flatMap(\.self) ?? "without an id", column: "sequence")
                }
                return PlacedSession(place: place, session: try PostgresSessionRow.session(row))
            }
        }
    }

    /// The conditions of a `WHERE`, and what stands for $1, $2 and so on in them.
    private struct NumberedConditions {
        var sql: [String] = []
        private(set) var values: [String?] = []

        init(_ filter: SessionFilter) {
            if let userID = filter.userID { self.sql.append("user_id = \(self.place(userID.rawValue))") }
            if let fileID = filter.fileID { self.sql.append("file_id = \(self.place(fileID.rawValue))") }
            if !filter.states.isEmpty {
                let places = filter.states.map { self.place($0.rawValue) }
                self.sql.append("state IN (\(places.joined(separator: ", ")))")
            }
            if let date = filter.startedBefore { self.sql.append("started_at < \(self.place(date.column))") }
            if let date = filter.startedAfter { self.sql.append("started_at > \(self.place(date.column))") }
        }

        mutating func place(_ value: String) -> String {
            self.values.append(value)
            return "$\(self.values.count)"
        }
    }
#endif
