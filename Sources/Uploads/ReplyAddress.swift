/// Where a result goes.
package enum ReplyAddress: Hashable, Sendable {
    /// A queue that the requester names.
    case queue(String)
    /// The requester's own channel, by the name that the broker gave it.
    case directReply(String)
    /// The exchange of results, for all that name no queue, or one that they may not.
    case results

    /// As requesters write it.
    private static let directReply = "amq.rabbitmq.reply-to"
    /// What the broker makes of it begins with this.
    private static let directReplyStart = "\(Self.directReply)."

    /// Applies the rule of reply names to a request's `reply_to`, nil where there is none that is text.
    ///
    /// `matches` says whether the operator's pattern matches the whole name, for direct reply-to as the requester wrote it or
    /// as the broker made it. Without a pattern any name will do but
    /// those of the broker (`amq.*`), direct reply-to apart. With or without one, the worker's own names will not.
    package init(replyTo: String?, names: TopologyNames, matches: ((String) -> Bool)? = nil) {
        guard let name = replyTo, !name.isEmpty, !names.owns(name) else {
            self = .results
            return
        }
        let isDirect = name.utf8.starts(with: Self.directReplyStart.utf8)
        let isBrokers = name.utf8.starts(with: "amq.".utf8)
        if let matches {
            guard matches(name) || isDirect && matches(Self.directReply) else {
                self = .results
                return
            }
        } else if isBrokers, !isDirect {
            self = .results
            return
        }
        self = isDirect ? .directReply(name) : .queue(name)
    }
}
