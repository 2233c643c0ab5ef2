/// What the broker says between calls.
enum BrokerEvent {
    case message(MessageAssembler.Message)
    case confirmed(UInt64, upTo: Bool)
    case refused(UInt64, upTo: Bool)
    /// The broker ended a consumer: its queue was deleted, or its leader is gone.
    case consumerCancelled(tag: AMQPString)
    /// The answer to `fetch` where the queue has nothing; otherwise it is a message with an empty consumer tag.
    case nothingFetched
    case blocked(reason: String)
    case unblocked
}
