/// The properties of a message; nil where the message has none of that name.
package struct MessageProperties: Equatable, Sendable {
    package var contentType: AMQPString?
    package var contentEncoding: AMQPString?
    package var headers: FieldTable?
    /// 2 is persistent.
    package var deliveryMode: UInt8?
    package var priority: UInt8?
    package var correlationID: AMQPString?
    package var replyTo: AMQPString?
    /// Milliseconds, in decimal digits.
    package var expiration: AMQPString?
    package var messageID: AMQPString?
    /// Seconds since 1970.
    package var timestamp: UInt64?
    package var type: AMQPString?
    /// The broker refuses a name that is not that of the connection's own user.
    package var userID: AMQPString?
    package var appID: AMQPString?
    package var clusterID: AMQPString?

    package init() {}
}
