#if PostgreSQL
    /// A code of https://www.postgresql.org/docs/current/errcodes-appendix.html. Its first two characters are its class.
    package struct SQLState: Hashable, Sendable, CustomStringConvertible {
        package let code: String

        package init(_ code: String) { self.code = code }

        package var description: String { self.code }

        private var category: Substring { self.code.prefix(2) }

        /// Whether the same statement may work later: the server is short of something, stops, or lost a race. The rest is a
        /// fault of the statement, of the schema or of the data.
        package var canPass: Bool {
            switch self.category {
            case "08", "25", "26", "40", "53", "55", "57", "58", "F0": true
            case "XX": self.code == "XX000"  // not the two that tell of damaged data
            default: false
            }
        }

        /// Whether the operator has to change something: name, password, database, rights.
        package var isMisconfiguration: Bool { ["28", "3D", "3F", "42", "0A", "22"].contains(self.category) }

        /// Whether a repetition at once is likely to work: it lost a race.
        var lostRace: Bool { self.category == "40" }

        /// Whether the connection is of no more use, though it may still be there: the server stops or became a standby, or a
        /// pooler in between has forgotten the prepared statements.
        var spoilsConnection: Bool { ["08", "25", "26", "58"].contains(self.category) || self.code.hasPrefix("57P") }
    }
#endif
