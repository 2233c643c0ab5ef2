extension Publication {
    /// What has no room in the protocol's fields, or nil where everything fits.
    ///
    /// To be asked before sending: librabbitmq finds out only when half of the message is on the wire.
    func oversizedPart(frameLimit: Int) -> String? {
        let names: [(String, AMQPString?)] = [
            ("exchange", self.exchange), ("routing key", self.routingKey),
            ("content_type", self.properties.contentType), ("content_encoding", self.properties.contentEncoding),
            ("correlation_id", self.properties.correlationID), ("reply_to", self.properties.replyTo),
            ("expiration", self.properties.expiration), ("message_id", self.properties.messageID),
            ("type", self.properties.type), ("user_id", self.properties.userID),
            ("app_id", self.properties.appID), ("cluster_id", self.properties.clusterID),
        ]
        if let name = names.first(where: { ($0.1?.bytes.count ?? 0) > 255 })?.0 { return name }
        if let headers = self.properties.headers, !headers.hasEncodableNames { return "a header's name" }
        let stringSizes = names.dropFirst(2).reduce(0) { $0 + ($1.1.map { 1 + $0.bytes.count } ?? 0) }
        let size = Self.frameOverhead + stringSizes + (self.properties.headers?.encodedSize ?? 0)
        return size > frameLimit ? "headers" : nil
    }

    /// Frame header and end (8), class and weight (4), body size (8), property flags (2), the fixed-size properties (10).
    private static let frameOverhead = 8 + 4 + 8 + 2 + 10
}
