import CRabbitMQ

extension MessageProperties {
    /// Copies properties out of the library's memory.
    init(copying source: amqp_basic_properties_t) {
        func string(_ flag: Int32, _ value: amqp_bytes_t) -> AMQPString? {
            source._flags & amqp_flags_t(flag) == 0 ? nil : AMQPString(value)
        }
        func number<Value>(_ flag: Int32, _ value: Value) -> Value? {
            source._flags & amqp_flags_t(flag) == 0 ? nil : value
        }
        self.contentType = string(AMQP_BASIC_CONTENT_TYPE_FLAG, source.content_type)
        self.contentEncoding = string(AMQP_BASIC_CONTENT_ENCODING_FLAG, source.content_encoding)
        self.headers = number(AMQP_BASIC_HEADERS_FLAG, source.headers).map(FieldTable.init(copying:))
        self.deliveryMode = number(AMQP_BASIC_DELIVERY_MODE_FLAG, source.delivery_mode)
        self.priority = number(AMQP_BASIC_PRIORITY_FLAG, source.priority)
        self.correlationID = string(AMQP_BASIC_CORRELATION_ID_FLAG, source.correlation_id)
        self.replyTo = string(AMQP_BASIC_REPLY_TO_FLAG, source.reply_to)
        self.expiration = string(AMQP_BASIC_EXPIRATION_FLAG, source.expiration)
        self.messageID = string(AMQP_BASIC_MESSAGE_ID_FLAG, source.message_id)
        self.timestamp = number(AMQP_BASIC_TIMESTAMP_FLAG, source.timestamp)
        self.type = string(AMQP_BASIC_TYPE_FLAG, source.type)
        self.userID = string(AMQP_BASIC_USER_ID_FLAG, source.user_id)
        self.appID = string(AMQP_BASIC_APP_ID_FLAG, source.app_id)
        self.clusterID = string(AMQP_BASIC_CLUSTER_ID_FLAG, source.cluster_id)
    }

    /// The properties in the library's form; valid until the arena is recycled.
    func encoded(in arena: Arena) -> amqp_basic_properties_t {
        var target = amqp_basic_properties_t()
        func set<Value, Target>(
            _ value: Value?,
            _ flag: Int32,
            _ field: WritableKeyPath<amqp_basic_properties_t, Target>,
            _ convert: (Value) -> Target
        ) {
            guard let value else { return }
            target._flags |= amqp_flags_t(flag)
            target[keyPath: field] = convert(value)
        }
        set(self.contentType, AMQP_BASIC_CONTENT_TYPE_FLAG, \.content_type, arena.copy)
        set(self.contentEncoding, AMQP_BASIC_CONTENT_ENCODING_FLAG, \.content_encoding, arena.copy)
        set(self.headers, AMQP_BASIC_HEADERS_FLAG, \.headers) { $0.encoded(in: arena) }
        set(self.deliveryMode, AMQP_BASIC_DELIVERY_MODE_FLAG, \.delivery_mode) { $0 }
        set(self.priority, AMQP_BASIC_PRIORITY_FLAG, \.priority) { $0 }
        set(self.correlationID, AMQP_BASIC_CORRELATION_ID_FLAG, \.correlation_id, arena.copy)
        set(self.replyTo, AMQP_BASIC_REPLY_TO_FLAG, \.reply_to, arena.copy)
        set(self.expiration, AMQP_BASIC_EXPIRATION_FLAG, \.expiration, arena.copy)
        set(self.messageID, AMQP_BASIC_MESSAGE_ID_FLAG, \.message_id, arena.copy)
        set(self.timestamp, AMQP_BASIC_TIMESTAMP_FLAG, \.timestamp) { $0 }
        set(self.type, AMQP_BASIC_TYPE_FLAG, \.type, arena.copy)
        set(self.userID, AMQP_BASIC_USER_ID_FLAG, \.user_id, arena.copy)
        set(self.appID, AMQP_BASIC_APP_ID_FLAG, \.app_id, arena.copy)
        set(self.clusterID, AMQP_BASIC_CLUSTER_ID_FLAG, \.cluster_id, arena.copy)
        return target
    }
}
