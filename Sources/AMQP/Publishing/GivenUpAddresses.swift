/// Addresses that were given up a short while ago: less patience is had with them.
///
/// Many requests with one such reply address would otherwise take up all that may be handled at a time with waiting.
struct GivenUpAddresses {
    private struct Address: Hashable {
        let exchange: AMQPString
        let routingKey: AMQPString

        init(_ publication: Publication) {
            self.exchange = publication.exchange
            self.routingKey = publication.routingKey
        }
    }

    static let memory = Duration.seconds(30)

    private var ends: [Address: ContinuousClock.Instant] = [:]

    /// Not anew while it is remembered, so that its turn for a whole try comes.
    mutating func note(_ publication: Publication, at now: ContinuousClock.Instant) {
        guard !self.contains(publication, at: now) else { return }
        self.ends = self.ends.filter { $0.value > now }
        self.ends[Address(publication)] = now + Self.memory
    }

    /// The address takes messages again.
    mutating func forget(_ publication: Publication) {
        guard !self.ends.isEmpty else { return }
        self.ends[Address(publication)] = nil
    }

    func contains(_ publication: Publication, at now: ContinuousClock.Instant) -> Bool {
        guard !self.ends.isEmpty, let end = self.ends[Address(publication)] else { return false }
        return end > now
    }
}
