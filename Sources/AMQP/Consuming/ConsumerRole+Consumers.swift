extension ConsumerRole {
    /// Makes the consumers that there should be, and ends those that there should not be; says whether any changed.
    @discardableResult
    mutating func adjustConsumers(
        on connection: BrokerConnection,
        now: ContinuousClock.Instant
    ) throws(BrokerError) -> Bool {
        guard self.mode == .consuming else {
            guard !self.consumed.isEmpty else { return false }
            for queue in self.settings.queues where self.consumed.contains(queue) { try connection.cancel(queue) }
            self.consumed = []
            return true
        }
        guard self.consumed.count < self.settings.queues.count, self.lookAgainAt ?? now <= now else { return false }
        try self.consumeMissing(on: connection, now: now)
        return true
    }

    /// Consumes the queues not consumed yet, declared again where they are ours to declare.
    private mutating func consumeMissing(
        on connection: BrokerConnection,
        now: ContinuousClock.Instant
    ) throws(BrokerError) {
        if self.lookAgainAt != nil, let topology = self.settings.topology {
            _ = try connection.onScratchChannel { () throws(BrokerError) in
                try connection.declare(topology, channel: BrokerConnection.scratchChannel)
            }
        }
        self.missing = []
        for queue in self.settings.queues where !self.consumed.contains(queue) {
            if try connection.hasQueue(queue) {
                try connection.consume(queue)
                self.consumed.insert(queue)
            } else {
                self.missing.insert(queue)
            }
        }
        self.lookAgainAt = self.missing.isEmpty ? nil : now + Self.lookAgainAfter
    }
}
