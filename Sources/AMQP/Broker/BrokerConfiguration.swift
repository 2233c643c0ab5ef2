/// How to reach the broker, and what to call this connection there.
package struct BrokerConfiguration: Sendable {
    /// Tried in turn, from the first.
    package var urls: [BrokerURL]
    package var tls: TLSFiles
    /// Shown in the broker's management pages and log.
    package var connectionName: String
    /// Asked for; the broker may ask for less. A peer silent for two of these is given up.
    package var heartbeat: Duration
    /// For the TCP connection, the handshake, and each answer to a declaration.
    package var connectTimeout: Duration

    package init(
        urls: [BrokerURL],
        tls: TLSFiles = TLSFiles(),
        connectionName: String,
        heartbeat: Duration = .seconds(20),
        connectTimeout: Duration = .seconds(10)
    ) {
        self.urls = urls
        self.tls = tls
        self.connectionName = connectionName
        self.heartbeat = heartbeat
        self.connectTimeout = connectTimeout
    }
}

/// PEM files for `amqps`.
package struct TLSFiles: Equatable, Sendable {
    /// Who may sign the broker's certificate; nil is the system's own list.
    package var authorities: String?
    /// The client's certificate and its key: both or neither.
    package var certificate: String?
    package var key: String?

    package init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
        self.authorities = authorities
        self.certificate = certificate
        self.key = key
    }
}
