import CRabbitMQ
import Glibc

extension BrokerConnection {
    func openSocket(_ configuration: BrokerConfiguration) throws(BrokerError) {
        let socket = self.url.usesTLS ? try self.makeTLSSocket(configuration.tls) : amqp_tcp_socket_new(self.handle)
        guard let socket else { throw self.error(.outOfResources("memory")) }
        var timeout = configuration.connectTimeout.timeval
        amqp_set_handshake_timeout(self.handle, &timeout)
        amqp_set_rpc_timeout(self.handle, &timeout)
        let status = amqp_socket_open_noblock(socket, self.url.host, Int32(self.url.port), &timeout)
        guard status == AMQP_STATUS_OK.rawValue else { throw self.error(status) }
        let silence = max(configuration.heartbeat * 2, .seconds(2))
        crabbitmq_set_user_timeout(self.descriptor, UInt32(silence.milliseconds))
    }

    func logIn(_ configuration: BrokerConfiguration) throws(BrokerError) {
        defer { self.arena.recycle() }
        let capabilities: FieldTable = [
            "authentication_failure_close": true, "basic.nack": true, "connection.blocked": true,
            "consumer_cancel_notify": true, "publisher_confirms": true,
        ]
        let properties: FieldTable = [
            "capabilities": .table(capabilities), "product": "upload-worker",
            "connection_name": .string(AMQPString(configuration.connectionName)),
        ]
        var table = properties.encoded(in: self.arena)
        let heartbeat = Int32(clamping: max(1, configuration.heartbeat.components.seconds))
        let reply = crabbitmq_login(
            self.handle,
            self.url.virtualHost,
            0,
            AMQP_DEFAULT_FRAME_SIZE,
            heartbeat,
            &table,
            self.url.user,
            self.url.password
        )
        try self.check(reply, whileOpening: true)
    }

    private func makeTLSSocket(_ files: TLSFiles) throws(BrokerError) -> OpaquePointer? {
        guard let socket = amqp_ssl_socket_new(self.handle) else { return nil }
        amqp_ssl_socket_set_verify_peer(socket, 1)
        amqp_ssl_socket_set_verify_hostname(socket, 1)
        amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST)
        if let name = files.load(into: socket) { throw self.error(.unusableFile(name)) }
        return socket
    }
}

extension BrokerConfiguration {
    /// Finds out, without connecting, whether the files for TLS can be used.
    package func checkTLSFiles() throws(BrokerError) {
        for url in self.urls where url.usesTLS {
            guard let handle = amqp_new_connection() else { return }
            defer { amqp_destroy_connection(handle) }
            guard let socket = amqp_ssl_socket_new(handle) else { return }
            if let name = self.tls.load(into: socket) { throw BrokerError(.unusableFile(name), url: url) }
        }
    }
}

extension TLSFiles {
    /// - Returns: what cannot be used, as people call it; nil where everything can.
    fileprivate func load(into socket: OpaquePointer) -> String? {
        guard let authorities = self.authorities ?? Self.systemAuthorities else {
            return "no list of certificate authorities on this system"
        }
        guard amqp_ssl_socket_set_cacert(socket, authorities) == AMQP_STATUS_OK.rawValue else { return authorities }
        switch (self.certificate, self.key) {
        case (let certificate?, let key?):
            // Without this OpenSSL asks for an encrypted key's password on the terminal.
            amqp_ssl_socket_set_key_passwd(socket, "")
            let isUsable = amqp_ssl_socket_set_key(socket, certificate, key) == AMQP_STATUS_OK.rawValue
            return isUsable ? nil : "\(certificate) with \(key)"
        case (nil, nil): return nil
        case (let lonely?, nil): return "\(lonely) without its key"
        case (nil, let lonely?): return "\(lonely) without its certificate"
        }
    }

    /// Where Linux distributions keep the certificate authorities that the system trusts.
    static var systemAuthorities: String? {
        let named = getenv("SSL_CERT_FILE").map { String(cString: $0) }
        let candidates = [
            named, "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
        ]
        return candidates.compactMap(\.self).first { access($0, R_OK) == 0 }
    }
}
