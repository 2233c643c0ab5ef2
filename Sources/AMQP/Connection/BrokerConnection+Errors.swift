import CRabbitMQ

extension BrokerConnection {
    func error(_ reason: BrokerError.Reason) -> BrokerError {
        BrokerError(reason, url: self.url)
    }

    /// The error for a status of the library.
    func error(_ status: Int32) -> BrokerError {
        let text = String(cString: amqp_error_string2(status))
        let reason: BrokerError.Reason =
            switch amqp_status_enum(status) {
            case AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED: .hostNotFound
            case AMQP_STATUS_SOCKET_ERROR, AMQP_STATUS_TCP_ERROR: .unreachable(text)
            case AMQP_STATUS_TIMEOUT: .timedOut
            case AMQP_STATUS_HEARTBEAT_TIMEOUT: .heartbeatMissed
            case AMQP_STATUS_SSL_PEER_VERIFY_FAILED: .certificateRefused
            case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED: .hostNameMismatch
            case AMQP_STATUS_SSL_CONNECTION_FAILED, AMQP_STATUS_SSL_ERROR: .handshakeFailed(text)
            case AMQP_STATUS_NO_MEMORY: .outOfResources("memory")
            case AMQP_STATUS_BAD_AMQP_DATA, AMQP_STATUS_UNKNOWN_CLASS, AMQP_STATUS_UNKNOWN_METHOD,
                AMQP_STATUS_INCOMPATIBLE_AMQP_VERSION, AMQP_STATUS_WRONG_METHOD:
                .protocolViolation(text)
            default: .connectionLost(text)
            }
        return self.error(reason)
    }

    func check(_ status: Int32) throws(BrokerError) {
        guard status != AMQP_STATUS_OK.rawValue else { return }
        throw self.error(status)
    }

    /// Throws what the library's last call with an answer met.
    func checkReply() throws(BrokerError) {
        try self.check(amqp_get_rpc_reply(self.handle))
    }

    func check(_ reply: amqp_rpc_reply_t, whileOpening: Bool = false) throws(BrokerError) {
        switch reply.reply_type {
        case AMQP_RESPONSE_NORMAL: return
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            throw self.closure(reply.reply, whileOpening: whileOpening)
                ?? self.error(.protocolViolation("an exception that is no close"))
        case AMQP_RESPONSE_LIBRARY_EXCEPTION: throw self.error(reply.library_error)
        default: throw self.error(.connectionLost("the broker closed the connection without a word"))
        }
    }

    /// The broker's reason to close the channel or the connection; nil for another method.
    func closure(_ method: amqp_method_t, whileOpening: Bool = false) -> BrokerError? {
        guard let decoded = method.decoded else { return nil }
        switch method.id {
        case AMQP_CHANNEL_CLOSE_METHOD:
            let close = decoded.load(as: amqp_channel_close_t.self)
            let permission = Permission(refusedIn: close)
            return self.error(
                .channelClosed(code: close.reply_code, text: close.reply_text.text + (permission?.addition ?? ""))
            )
        case AMQP_CONNECTION_CLOSE_METHOD:
            let close = decoded.load(as: amqp_connection_close_t.self)
            let text = close.reply_text.text
            var answer = amqp_connection_close_ok_t()
            amqp_send_method(self.handle, 0, AMQP_CONNECTION_CLOSE_OK_METHOD, &answer)
            return switch Int32(close.reply_code) {
            case AMQP_ACCESS_REFUSED where whileOpening: self.error(.loginRefused(text))
            case AMQP_NOT_ALLOWED where whileOpening: self.error(.virtualHostRefused(text))
            default: self.error(.connectionClosed(code: close.reply_code, text: text))
            }
        default: return nil
        }
    }
}
