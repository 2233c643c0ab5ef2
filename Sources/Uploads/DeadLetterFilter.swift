/// Which dead letters an operator means: those that fit everything given.
package struct DeadLetterFilter: Equatable, Sendable {
    /// A queue's full name or its last word, such as `start`.
    package let queue: String?
    /// An error code, or the broker's reason where the dead letter is its own.
    package let code: String?
    package let messageID: String?

    package init(queue: String? = nil, code: String? = nil, messageID: String? = nil) {
        self.queue = queue
        self.code = code
        self.messageID = messageID
    }

    package func matches(_ account: DeadLetterAccount, messageID: String?) -> Bool {
        if let queue, account.queue != queue, account.queue?.hasSuffix(".\(queue)") != true { return false }
        if let code, account.code != code { return false }
        if let wanted = self.messageID, messageID != wanted { return false }
        return true
    }
}
