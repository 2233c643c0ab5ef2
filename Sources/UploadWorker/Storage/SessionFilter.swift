import Foundation
import GRDB
import Uploads

/// Which upload sessions an operator means: those that fit everything given.
struct SessionFilter: Equatable, Sendable {
    var userID: UserID?
    var fileID: FileID?
    /// Empty for all.
    var states: [Session.State.Name] = []
    var startedBefore: Date?
    var startedAfter: Date?
}

extension SessionFilter {
    /// The `WHERE` of a page of sessions, and what stands for its question marks.
    ///
    /// - Parameter usesIndex: false keeps SQLite from sorting all sessions of a user for each page.
    func conditions(usesIndex: Bool) -> (sql: [String], arguments: StatementArguments) {
        var sql: [String] = []
        var arguments = StatementArguments()
        func add(_ condition: String, _ values: [any DatabaseValueConvertible]) {
            sql.append(condition)
            arguments += StatementArguments(values)
        }
        if let userID { add("\(usesIndex ? "" : "+")user_id = ?", [userID.rawValue]) }
        if let fileID { add("file_id = ?", [fileID.rawValue]) }
        if !self.states.isEmpty {
            add("state IN (\(self.states.map { _ in "?" }.joined(separator: ", ")))", self.states.map(\.rawValue))
        }
        if let startedBefore { add("started_at < ?", [startedBefore.timeIntervalSince1970]) }
        if let startedAfter { add("started_at > ?", [startedAfter.timeIntervalSince1970]) }
        return (sql, arguments)
    }
}
