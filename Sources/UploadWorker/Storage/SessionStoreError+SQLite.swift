import GRDB

extension SessionStoreError {
    /// Full, busy and out of memory pass, and SQLite has undone the transaction. The rest does not.
    init(_ error: any Error) {
        guard let error = error as? DatabaseError else {
            self.init(reason: "\(error)", summary: "a failure of the database", canPass: false)
            return
        }
        let canPass: Bool =
            switch error.resultCode {
            case .SQLITE_FULL, .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_NOMEM: true
            default: false
            }
        self.init(reason: "\(error)", summary: Self.summary(of: error.resultCode), canPass: canPass)
    }

    private static func summary(of code: ResultCode) -> String {
        switch code {
        case .SQLITE_FULL: "the disk is full"
        case .SQLITE_BUSY, .SQLITE_LOCKED: "the database is locked"
        case .SQLITE_NOMEM: "memory is short"
        default: "SQLite error \(code.rawValue)"
        }
    }
}
