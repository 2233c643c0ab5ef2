import CRabbitMQ

/// One of the three permissions that RabbitMQ gives a user on the names of a virtual host:
/// https://www.rabbitmq.com/docs/access-control#authorisation
enum Permission: String {
    case configure, write, read

    /// What was missing where the broker closed the channel for it; nil for another reason.
    ///
    /// Brokers before 3.13 name the queue or exchange and the user, and leave out what the user may not do with it.
    init?(refusedIn close: amqp_channel_close_t) {
        guard Int32(close.reply_code) == AMQP_ACCESS_REFUSED else { return nil }
        let method = amqp_method_number_t(close.class_id) << 16 | amqp_method_number_t(close.method_id)
        self.init(method: method, refusedEntity: close.reply_text.text)
    }

    init?(method: amqp_method_number_t, refusedEntity text: String) {
        let isExchange = text.contains("exchange '")
        switch method {
        case AMQP_EXCHANGE_DECLARE_METHOD: self = .configure
        // A queue that dead-letters needs the permission to write to its dead-letter exchange.
        case AMQP_QUEUE_DECLARE_METHOD: self = isExchange ? .write : .configure
        case AMQP_QUEUE_BIND_METHOD: self = isExchange ? .read : .write
        case AMQP_BASIC_PUBLISH_METHOD: self = .write
        case AMQP_BASIC_CONSUME_METHOD, AMQP_BASIC_GET_METHOD: self = .read
        default: return nil
        }
    }

    var addition: String { " (the \(self.rawValue) permission is missing)" }
}
