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
    /// The broker that failed; nil where none was named.
    package let url: BrokerURL?

    package init(_ reason: Reason, url: BrokerURL?) {
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

extension BrokerError: CustomStringConvertible {
    /// What happened, where, and the way out.
    package var description: String {
        let place = self.url?.description ?? "no URL"
        return switch self.reason {
        case .hostNotFound: "no address for the broker's host, \(place): check the host name"
        case .unreachable(let text):
            "no connection to the broker at \(place) (\(text)): is it running, and the port right?"
        case .timedOut: "no answer in time from the broker at \(place): check host, port and firewall"
        case .certificateRefused:
            "the certificate of the broker at \(place) is not signed by a known authority: check the CA file"
        case .hostNameMismatch:
            "the certificate of the broker at \(place) is for another host: use a DNS name that the certificate has "
                + "(IP addresses in certificates are not matched)"
        case .handshakeFailed(let text):
            "no TLS with the broker at \(place) (\(text)): does this port speak TLS, and does it want a client certificate?"
        case .unusableFile(let name): "cannot use \(name) for TLS with the broker at \(place): check the PEM files"
        case .loginRefused(let text): "the broker at \(place) refuses the login: check user and password (\(text))"
        case .virtualHostRefused(let text):
            "the broker at \(place) refuses the virtual host: does it exist, and may this user enter it? (\(text))"
        case .channelClosed(let code, let text):
            "the broker at \(place) closed the channel: \(code) \(text)\(Self.wayOut(code))"
        case .connectionClosed(let code, let text): "the broker at \(place) closed the connection: \(code) \(text)"
        case .heartbeatMissed: "the broker at \(place) has gone silent"
        case .connectionLost(let text): "lost the connection to the broker at \(place) (\(text))"
        case .protocolViolation(let text): "the broker at \(place) sent what AMQP 0-9-1 does not allow (\(text))"
        case .outOfResources(let what): "no \(what) left for a connection to the broker at \(place)"
        }
    }

    /// What happened, without address or user: for readiness.
    package var shortDescription: String {
        switch self.reason {
        case .hostNotFound: "host not found"
        case .unreachable: "unreachable"
        case .timedOut: "timed out"
        case .certificateRefused: "certificate refused"
        case .hostNameMismatch: "host name does not match the certificate"
        case .handshakeFailed: "TLS handshake failed"
        case .unusableFile: "TLS file unusable"
        case .loginRefused: "login refused"
        case .virtualHostRefused: "virtual host refused"
        case .channelClosed(let code, let text), .connectionClosed(let code, let text): "\(code) \(text)"
        case .heartbeatMissed: "heartbeat missed"
        case .connectionLost: "connection lost"
        case .protocolViolation: "protocol violation"
        case .outOfResources(let what): "out of \(what)"
        }
    }

    private static func wayOut(_ code: UInt16) -> String {
        switch code {
        case 403: ": give this user the permission"
        case 404: ": run the set-up, or let the worker declare its topology"
        case 405: ": another connection has it for itself"
        case 406: ": it exists with other settings; delete it or rename with another prefix"
        default: ""
        }
    }
}
