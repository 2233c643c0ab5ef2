/// A time without acknowledgements before consumers are cancelled.
///
/// What a queue sends while its consumer is being cancelled comes back to it with its delivery count raised
/// (RabbitMQ 3.10). Without acknowledgements the prefetch fills up and nothing is sent any more.
struct AcknowledgementHold {
    static let quietTime = Duration.milliseconds(50)
    static let limit = Duration.milliseconds(250)

    let began: ContinuousClock.Instant
    var quietSince: ContinuousClock.Instant
    var end: ContinuousClock.Instant { min(self.quietSince + Self.quietTime, self.began + Self.limit) }
}
