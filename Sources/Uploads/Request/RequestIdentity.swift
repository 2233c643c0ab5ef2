/// What makes a request the same as one seen before.
package struct RequestIdentity: Equatable, Sendable {
    package let kind: RequestKind
    /// The requester's own id of the request; where it is there, nothing else but kind and file counts.
    package let messageID: [UInt8]?
    package let correlationID: [UInt8]?
    package let replyTo: [UInt8]?
    package let timestamp: UInt64?
    package let body: [UInt8]
    /// nil where the request's ids could not be read.
    package let file: FileReference?

    package init(
        kind: RequestKind,
        messageID: [UInt8]?,
        correlationID: [UInt8]?,
        replyTo: [UInt8]?,
        timestamp: UInt64?,
        body: [UInt8],
        file: FileReference?
    ) {
        self.kind = kind
        self.messageID = messageID
        self.correlationID = correlationID
        self.replyTo = replyTo
        self.timestamp = timestamp
        self.body = body
        self.file = file
    }
}
