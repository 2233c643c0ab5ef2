/// What all transfers have in common.
struct TransferSettings: Sendable {
    /// To connect, and between two moves of a transfer.
    var timeout: Duration
    var caFile: String?
    var maxConnections: Int
    var maxHeaderBytes = 64 * 1024
    var maxBodyBytes = 1024 * 1024

    /// How often transfers are looked at for a standstill, which may so be noticed late by as much.
    var stallCheckInterval: Duration {
        min(.seconds(1), max(.milliseconds(20), self.timeout / 8))
    }
}
