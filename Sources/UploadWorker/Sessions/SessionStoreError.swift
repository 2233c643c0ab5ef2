/// The session store failed.
struct SessionStoreError: Error, CustomStringConvertible {
    /// For the log: it may name the database's place and quote its statements.
    let reason: String
    /// The kind of failure in a few words, for everyone.
    let summary: String
    /// Whether the same call may work later in this process. What it was to store is then stored whole or not at all: a full
    /// disk stores nothing, a connection lost during a commit leaves it unknown. After a failed sync or a damaged file it may not: what looks
    /// stored then may not be (https://www.sqlite.org/rescode.html#ioerr_fsync).
    let canPass: Bool

    var description: String { "the session store failed: \(self.reason)" }
}
