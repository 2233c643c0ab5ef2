/// Why a call to the store failed; says by itself whether it can pass. It holds no URL, no header and no credentials.
package struct S3Error: Error, Sendable, Equatable {
    package enum Kind: Sendable, Equatable, CaseIterable {
        /// Time-out, connection, 5xx, throttling, an answer cut short or not understood.
        case passing
        /// The store knows no such upload; `NoSuchKey` of some servers included.
        case noSuchUpload
        /// A part with that number and ETag is not there, or the list is out of order.
        case invalidPart
        /// A part other than the last is under 5 MiB.
        case entityTooSmall
        /// A condition of the request did not hold.
        case preconditionFailed
        /// The store refuses for good: access denied, no such bucket, wrong signature, wrong region.
        case permanent
        /// The awaiting task was cancelled, or the client has ended.
        case cancelled
    }

    package let operation: S3Operation
    package let kind: Kind
    /// The store's code, or for a failure on the way one of ours in the same style.
    package let code: String
    package let message: String
    package let status: Int?
    package let requestID: String?
    /// Whether the request may have taken effect all the same, in this or an earlier try.
    package var outcomeIsUnknown: Bool
    /// How long the store asked to be left alone.
    var retryAfter: Duration?

    package init(
        operation: S3Operation,
        kind: Kind,
        code: String,
        message: String = "",
        status: Int? = nil,
        requestID: String? = nil,
        outcomeIsUnknown: Bool = false
    ) {
        self.operation = operation
        self.kind = kind
        self.code = code
        self.message = message
        self.status = status
        self.requestID = requestID
        self.outcomeIsUnknown = outcomeIsUnknown
    }
}

extension S3Error: CustomStringConvertible {
    package var description: String {
        var text = "\(self.operation.rawValue): \(self.code)"
        if let status { text += " (\(status))" }
        if !self.message.isEmpty { text += ": \(self.message)" }
        if let requestID { text += " [request \(requestID)]" }
        return text
    }
}
