/// Why the broker cannot be reached or used, in words for the person who runs the worker.
package struct BrokerError: Error, Equatable, Sendable {
    package enum Reason: Equatable, Sendable {
        case hostNotFound
        case unreachable(String)
        case timedOut
        case certificateRefused
        case hostNameMismatch
        case handshakeFailed(String)
        case unusableFile(String)
        case loginRefused(String)
        case virtualHostRefused(String)
        case channelClosed(code: UInt16, text: String)
        case connectionClosed(code: UInt16, text: String)
        case heartbeatMissed
        case connectionLost(String)
        case protocolViolation(String)
        case outOfResources(String)
    }

    package let reason: Reason
    /// The broker that failed.
    package let url: BrokerURL

    package init(_ reason: Reason, url: BrokerURL) {
        self.reason = reason
        self.url = url
    }
}

extension BrokerError {
    /// Whether trying again without a change of settings or broker is of no use.
    package var isPermanent: Bool {
        switch self.reason {
        case .certificateRefused, .hostNameMismatch, .unusableFile, .loginRefused, .virtualHostRefused: true
        case .channelClosed(let code, _): (400..<500).contains(code)
        case .hostNotFound, .unreachable, .timedOut, .handshakeFailed, .connectionClosed, .heartbeatMissed,
            .connectionLost, .protocolViolation, .outOfResources:
            false
        }
    }
}
