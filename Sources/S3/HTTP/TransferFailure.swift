/// Why a transfer brought no whole answer.
package struct TransferFailure: Error, Sendable, Equatable {
    enum Reason: Sendable, Equatable, CaseIterable {
        case connectionFailed
        case tlsFailed
        /// No connection in time, or no byte moved for as long.
        case timedOut
        /// Broken in the middle, or the answer ended early.
        case connectionLost
        /// More header or body than any answer that is looked for.
        case responseTooLarge
        case other
        case cancelled
        /// The client's `run()` has ended.
        case closed
    }

    let reason: Reason
    /// In curl's words; it names hosts, never paths, queries or headers.
    package let message: String
    /// Whether any of the request may have reached the server.
    let requestWasSent: Bool
}
