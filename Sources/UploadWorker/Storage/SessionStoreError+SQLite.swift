import GRDB

extension SessionStoreError {
    /// Full, busy and out of memory pass, and SQLite has undone the transaction. The rest does not.
    init(_ error: any Error) {
        guard let error = error as? DatabaseError else {
            self.init(reason: "\(error)", canPass: false)
            return
        }
        let canPass: Bool =
            switch error.resultCode {
            case .SQLITE_FULL, .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_NOMEM: true
            default: false
            }
        self.init(reason: "\(error)", canPass: canPass)
    }
}
