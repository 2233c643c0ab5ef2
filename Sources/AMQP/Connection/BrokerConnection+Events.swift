import CRabbitMQ

extension BrokerConnection {
    /// The next thing that the broker said and that was read or can be read without waiting; nil for none.
    func nextEvent() throws(BrokerError) -> BrokerEvent? {
        var now = timeval()
        while true {
            var frame = amqp_frame_t()
            let status = amqp_simple_wait_frame_noblock(self.handle, &frame, &now)
            if status == AMQP_STATUS_TIMEOUT.rawValue { return nil }
            guard status == AMQP_STATUS_OK.rawValue else { throw self.error(status) }
            // The frame lies in the library's memory, which may be used again once everything is copied out.
            defer { amqp_maybe_release_buffers_on_channel(self.handle, frame.channel) }
            self.eventChannel = frame.channel
            if let event = try self.event(of: frame) { return event }
        }
    }

    private func event(of frame: amqp_frame_t) throws(BrokerError) -> BrokerEvent? {
        do {
            switch Int32(frame.frame_type) {
            case AMQP_FRAME_METHOD:
                return try self.event(of: frame.payload.method)
            case AMQP_FRAME_HEADER:
                guard let decoded = frame.payload.properties.decoded else { throw MessageAssembler.OutOfOrder() }
                let properties = MessageProperties(copying: decoded.load(as: amqp_basic_properties_t.self))
                return try self.assembler.header(properties, bodySize: frame.payload.properties.body_size)
                    .map(BrokerEvent.message)
            case AMQP_FRAME_BODY:
                let fragment = frame.payload.body_fragment
                let bytes = UnsafeRawBufferPointer(start: fragment.bytes, count: fragment.len)
                return try self.assembler.body(bytes).map(BrokerEvent.message)
            default:
                return nil
            }
        } catch let error as BrokerError {
            throw error
        } catch {
            throw self.error(.protocolViolation("frames out of order"))
        }
    }

    private func event(of method: amqp_method_t) throws -> BrokerEvent? {
        if let closure = self.closure(method) { throw closure }
        guard let decoded = method.decoded else { return nil }
        switch method.id {
        case AMQP_BASIC_DELIVER_METHOD:
            try self.assembler.begin(.init(decoded.load(as: amqp_basic_deliver_t.self)))
        case AMQP_BASIC_GET_OK_METHOD:
            try self.assembler.begin(.init(decoded.load(as: amqp_basic_get_ok_t.self)))
        case AMQP_BASIC_GET_EMPTY_METHOD:
            return .nothingFetched
        case AMQP_BASIC_RETURN_METHOD:
            try self.assembler.begin(.init(decoded.load(as: amqp_basic_return_t.self)))
        case AMQP_BASIC_ACK_METHOD:
            let ack = decoded.load(as: amqp_basic_ack_t.self)
            return .confirmed(ack.delivery_tag, upTo: ack.multiple != 0)
        case AMQP_BASIC_NACK_METHOD:
            let nack = decoded.load(as: amqp_basic_nack_t.self)
            return .refused(nack.delivery_tag, upTo: nack.multiple != 0)
        case AMQP_BASIC_CANCEL_METHOD:
            return .consumerCancelled(tag: AMQPString(decoded.load(as: amqp_basic_cancel_t.self).consumer_tag))
        case AMQP_CONNECTION_BLOCKED_METHOD:
            return .blocked(reason: decoded.load(as: amqp_connection_blocked_t.self).reason.text)
        case AMQP_CONNECTION_UNBLOCKED_METHOD:
            return .unblocked
        default: break
        }
        return nil
    }
}

extension MessageAssembler.Head {
    fileprivate init(_ method: amqp_basic_deliver_t) {
        self = .delivery(
            consumerTag: AMQPString(method.consumer_tag),
            tag: method.delivery_tag,
            isRedelivered: method.redelivered != 0,
            exchange: AMQPString(method.exchange),
            key: AMQPString(method.routing_key)
        )
    }

    fileprivate init(_ method: amqp_basic_get_ok_t) {
        self = .delivery(
            consumerTag: "",
            tag: method.delivery_tag,
            isRedelivered: method.redelivered != 0,
            exchange: AMQPString(method.exchange),
            key: AMQPString(method.routing_key)
        )
    }

    fileprivate init(_ method: amqp_basic_return_t) {
        self = .returned(
            code: method.reply_code,
            text: method.reply_text.text,
            exchange: AMQPString(method.exchange),
            key: AMQPString(method.routing_key)
        )
    }
}
