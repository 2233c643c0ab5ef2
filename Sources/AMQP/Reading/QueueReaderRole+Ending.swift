import CRabbitMQ

/// From one channel to the next, and to the end.
extension QueueReaderRole {
    /// Goes on to the next channel where this one holds all it may, and to the end where there is nothing more to read.
    mutating func turnPage(
        on connection: BrokerConnection,
        now: ContinuousClock.Instant
    ) throws(BrokerError) -> Unsent {
        self.isAtEnd = self.isAtEnd || self.position == self.expected
        let stuck = self.isFinishing ? self.heldOnChannel : self.leftOnChannel
        if self.isConsuming, self.isAtEnd || stuck >= Int(self.window) {
            try connection.endReading(self.settings.queue, on: self.channel)
            self.isConsuming = false
            if !self.isAtEnd {
                self.channel += 1
                self.window = self.nextWindow
                try self.read(on: connection, now: now)
                return .more
            }
        }
        guard self.isFinishing, self.isAtEnd, !self.isFinished else { return .nothing }
        return try self.giveBack(to: connection, now: now)
    }

    /// Nobody looks any more at what is read to the end, and it takes no memory.
    private var nextWindow: UInt16 {
        self.isFinishing || self.window > Self.largestWindow / 2 ? Self.largestWindow : self.window * 2
    }

    /// Closes the channels, and is finished when the queue holds again what they held.
    ///
    /// The broker says that a channel is closed before its queue has it back, and who reads then would move what comes late.
    private mutating func giveBack(
        to connection: BrokerConnection,
        now: ContinuousClock.Instant
    ) throws(BrokerError) -> Unsent {
        if self.closedAt == nil {
            self.closedAt = now
            for channel in self.acknowledgedOn.sorted() {
                try connection.awaitAcknowledgements(of: self.settings.queue, on: channel)
            }
            if self.expected > 0 {
                for channel in Self.firstChannel...self.channel { try connection.close(channel) }
            }
        }
        self.isFinished = try self.hasTakenBack(connection, now: now)
        return self.isFinished ? .nothing : .more
    }

    private func hasTakenBack(
        _ connection: BrokerConnection,
        now: ContinuousClock.Instant
    ) throws(BrokerError) -> Bool {
        let left = self.position - self.acknowledged
        guard left > 0, let closedAt, now < closedAt + Self.returnLimit else { return true }
        guard let state = try connection.state(of: self.settings.queue) else { return true }
        return state.messages >= left
    }
}
