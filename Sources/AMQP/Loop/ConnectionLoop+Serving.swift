extension ConnectionLoop {
    /// Frames read before commands and acknowledgements have their turn.
    private static var eventLimit: Int { 2000 }
    /// Commands taken before the socket is read again.
    private static var commandLimit: Int { 128 }

    /// Turns the loop until the role is finished.
    ///
    /// Each turn reads all there is, takes commands, sends what is due, and waits when nothing is left to do. Reading comes
    /// first: who only sends will find the broker waiting to be read, and both wait for ever.
    mutating func serve(_ connection: BrokerConnection) throws(BrokerError) {
        while true {
            let now = ContinuousClock.now
            self.socketGuard.turnBegins(at: now)
            let isDrained = try self.read(connection, now: now)
            if isDrained { self.role.drained() }
            self.takeCommands(atMost: Self.commandLimit)
            self.role.advance(to: now)
            let unsent = try self.role.flush(to: connection, now: now)
            self.board.set(self.role.impairment ?? .connected)
            if self.role.isFinished { return }
            switch unsent {
            case .more: continue
            case .nothing: self.wait(connection, untilWritable: false, now: now, isDrained: isDrained)
            case .untilWritable: self.wait(connection, untilWritable: true, now: now, isDrained: isDrained)
            }
        }
    }

    /// Reads until there is nothing left, or enough for one turn; says whether nothing is left.
    private mutating func read(_ connection: BrokerConnection, now: ContinuousClock.Instant) throws(BrokerError) -> Bool
    {
        for _ in 0..<Self.eventLimit {
            guard let event = try connection.nextEvent() else { return true }
            try self.role.received(event, on: connection, now: now)
        }
        return false
    }

    private func wait(
        _ connection: BrokerConnection,
        untilWritable: Bool,
        now: ContinuousClock.Instant,
        isDrained: Bool
    ) {
        guard isDrained, !self.hasBacklog, !connection.hasBufferedFrames, self.mailbox.fallAsleep() else { return }
        // Heartbeats go out only from the reading above: it has to come round in time.
        var timeout = connection.heartbeat / 4
        if let deadline = self.role.nextDeadline { timeout = max(.zero, min(timeout, deadline - now)) }
        self.socketGuard.turnEnds()
        connection.wait(for: self.mailbox.doorbell, untilWritable: untilWritable, atMost: timeout)
        self.mailbox.wakeUp()
    }
}
