import GRDB
import Uploads

/// Sessions of a worker's file, which may be running. A page that somebody reads slowly does not hold its WAL.
struct SQLiteSessionPages: SessionPages {
    /// A user of more sessions is found by going through all instead of sorting these for each page.
    private static let fewSessions = 10_000

    let database: DatabaseQueue

    func sessions(_ filter: SessionFilter, _ order: SessionListing.Order, behind last: Int64?, limit: Int) throws
        -> [PlacedSession]
    {
        try self.database.read { db in
            let usesIndex = try filter.fileID != nil || filter.userID.map { try Self.hasFew($0, db) } ?? true
            var (conditions, arguments) = filter.conditions(usesIndex: usesIndex)
            if let last {
                conditions.append(order == .newestFirst ? "sequence < ?" : "sequence > ?")
                arguments += [last]
            }
            let rest = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
            let direction = order == .newestFirst ? "DESC" : "ASC"
            let statement = try db.cachedStatement(
                sql: "SELECT * FROM session\(rest) ORDER BY sequence \(direction) LIMIT ?"
            )
            return try Row.fetchAll(statement, arguments: arguments + [limit]).map { row in
                PlacedSession(place: row["sequence"], session: try SessionRow.session(row))
            }
        }
    }

    private static func hasFew(_ userID: UserID, _ db: Database) throws -> Bool {
        let found = try Int.fetchOne(
            db,
            sql: "SELECT COUNT(*) FROM (SELECT 1 FROM session WHERE user_id = ? LIMIT ?)",
            arguments: [userID.rawValue, Self.fewSessions + 1]
        )
        return found ?? 0 <= Self.fewSessions
    }
}
