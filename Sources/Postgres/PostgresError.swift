#if PostgreSQL
    package struct PostgresError: Error, Hashable, CustomStringConvertible {
        package enum Kind: Hashable, Sendable {
            /// No connection is to be had; nothing was sent.
            case unreachable
            /// The server is there, and is not set up for what this program needs of it.
            case unsuitable
            /// The connection broke or fell silent: whether the statement was carried out is unknown.
            case lost
            /// The server refused the statement, and has undone it.
            case refused
        }

        package let kind: Kind
        package let state: SQLState?
        /// The server's own words, without values of the data.
        package let message: String

        package init(_ kind: Kind, _ message: String, state: SQLState? = nil) {
            self.kind = kind
            self.state = state
            self.message = message
        }

        package var description: String { self.message + (self.state.map { " (\($0))" } ?? "") }

        /// Whether the same call may work later.
        package var canPass: Bool {
            switch self.kind {
            case .unreachable, .lost: true
            case .unsuitable: false
            case .refused: self.state?.canPass ?? true
            }
        }

        /// Whether waiting is of no use when it is the first thing that happens: the operator has to change something.
        package var isMisconfiguration: Bool {
            switch self.kind {
            case .unsuitable: true
            case .lost: false
            case .unreachable, .refused: self.state?.isMisconfiguration ?? false
            }
        }

        /// Whether to repeat the statement at once, on a new connection where this one is spoilt.
        var isWorthRepeating: Bool {
            switch self.kind {
            case .unreachable, .unsuitable: false
            case .lost: true
            case .refused: self.state.map { $0.lostRace || $0.spoilsConnection } ?? false
            }
        }

        var spoilsConnection: Bool {
            switch self.kind {
            case .unreachable, .unsuitable, .lost: true
            case .refused: self.state?.spoilsConnection ?? true
            }
        }
    }
#endif
