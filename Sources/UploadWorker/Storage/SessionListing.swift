import Foundation
import GRDB
import Uploads

/// Upload sessions of a worker's database, page by page, in the order in which they were saved.
///
/// Each page is a transaction of its own, over before anything is done with it: a listing that somebody reads slowly holds
/// neither memory nor the worker's WAL. A session that is saved meanwhile comes where its turn is.
struct SessionListing {
    enum Order: Sendable { case newestFirst, oldestFirst }

    static let pageSize = 500
    /// A user of more sessions is found by going through all instead of sorting these for each page.
    private static let fewSessions = 10_000

    private let database: DatabaseQueue
    private let filter: SessionFilter
    private let order: Order
    private let usesIndex: Bool
    private let pageSize: Int
    private var last: Int64?
    private var isOver = false

    init(_ database: DatabaseQueue, _ filter: SessionFilter, _ order: Order, pageSize: Int = Self.pageSize) throws {
        self.database = database
        self.filter = filter
        self.order = order
        self.pageSize = pageSize
        self.usesIndex = try filter.fileID != nil || filter.userID.map { try Self.hasFew($0, database) } ?? true
    }

    /// The next sessions; none at the end.
    mutating func next(atMost limit: Int = .max) throws -> [Session] {
        guard !self.isOver, limit > 0 else { return [] }
        let wanted = min(limit, self.pageSize)
        let rows = try self.database.read { [sql = self.sql(), arguments = self.arguments(limit: wanted)] db in
            let statement = try db.cachedStatement(sql: sql)
            return try Row.fetchAll(statement, arguments: arguments).map { row in
                (sequence: row["sequence"] as Int64, session: try SessionRow.session(row))
            }
        }
        self.last = rows.last?.sequence ?? self.last
        self.isOver = rows.count < wanted
        return rows.map(\.session)
    }

    private func sql() -> String {
        var conditions = self.filter.conditions(usesIndex: self.usesIndex).sql
        if self.last != nil { conditions.append(self.order == .newestFirst ? "sequence < ?" : "sequence > ?") }
        let rest = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        let direction = self.order == .newestFirst ? "DESC" : "ASC"
        return "SELECT * FROM session\(rest) ORDER BY sequence \(direction) LIMIT ?"
    }

    private func arguments(limit: Int) -> StatementArguments {
        var arguments = self.filter.conditions(usesIndex: self.usesIndex).arguments
        if let last { arguments += [last] }
        arguments += [limit]
        return arguments
    }

    private static func hasFew(_ userID: UserID, _ database: DatabaseQueue) throws -> Bool {
        let found = try database.read { db in
            try Int.fetchOne(
                db,
                sql: "SELECT COUNT(*) FROM (SELECT 1 FROM session WHERE user_id = ? LIMIT ?)",
                arguments: [userID.rawValue, Self.fewSessions + 1]
            )
        }
        return found ?? 0 <= Self.fewSessions
    }
}
