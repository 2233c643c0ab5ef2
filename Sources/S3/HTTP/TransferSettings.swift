/// What all transfers have in common.
struct TransferSettings: Sendable {
    /// To connect, and between two moves of a transfer.
    var timeout: Duration
    var caFile: String?
    var maxConnections: Int
    var maxHeaderBytes = 64 * 1024
    var maxBodyBytes = 1024 * 1024
    /// From the first byte to the last; nil for as long as something moves.
    var longestTransfer: Duration?
    /// Whether the environment's `https_proxy` and its like count.
    var usesProxy = true

    /// How often transfers are looked at for a standstill, which may so be noticed late by as much.
    var stallCheckInterval: Duration {
        min(.seconds(1), max(.milliseconds(20), self.timeout / 8))
    }
}
