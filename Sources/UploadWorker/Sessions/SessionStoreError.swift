/// The session store failed; nothing of what was asked is stored, unless the failure is for good.
struct SessionStoreError: Error, CustomStringConvertible {
    let reason: String
    /// Whether the same call may work later in this process. After a failed sync or a damaged file it may not: what looks
    /// stored then may not be (https://www.sqlite.org/rescode.html#ioerr_fsync).
    let canPass: Bool

    var description: String { "the session store failed: \(self.reason)" }
}
