import CRabbitMQ

/// Messages in.
extension QueueReaderRole {
    mutating func opened(_ connection: BrokerConnection, now: ContinuousClock.Instant) throws(BrokerError) {
        self.wasOpened = true
        guard let state = try connection.state(of: self.settings.queue) else { return self.refuse(.noSuchQueue) }
        guard state.consumers == 0 else { return self.refuse(.beingRead) }
        self.expected = state.messages
        if state.messages > 0 {
            try self.read(on: connection, now: now)
            // Two that begin at once both see it, and both give up. A busy quorum queue may say 0.
            let consumers = try connection.state(of: self.settings.queue)?.consumers ?? 0
            guard consumers <= 1 else { return self.refuse(.beingRead) }
        }
        self.opening.give(.success(self.expected))
        if self.expected == 0 { self.elements.finish() }
    }

    mutating func received(
        _ event: BrokerEvent,
        on connection: BrokerConnection,
        now: ContinuousClock.Instant
    ) throws(BrokerError) {
        self.idleSince = now
        switch event {
        case .message(let message):
            let channel = UInt64(connection.eventChannel)
            guard self.position < self.expected,
                let delivery = Delivery(message, queue: self.settings.queue, connection: channel)
            else { return }
            self.position += 1
            self.heldOnChannel += 1
            guard !self.isFinishing else { return }
            self.unsettled += 1
            self.batch.append(self.settings.prepare(self.position, delivery))
        case .consumerCancelled: throw connection.error(.connectionLost("the queue was deleted while it was read"))
        case .confirmed, .refused, .nothingFetched, .blocked, .unblocked: break
        }
    }

    mutating func drained() {
        if !self.batch.isEmpty { self.elements.yield(self.batch) }
        self.batch = []
        if self.position == self.expected { self.elements.finish() }
    }

    mutating func read(on connection: BrokerConnection, now: ContinuousClock.Instant) throws(BrokerError) {
        try connection.read(self.settings.queue, on: self.channel, prefetch: self.window)
        self.isConsuming = true
        self.leftOnChannel = 0
        self.heldOnChannel = 0
        self.idleSince = now
    }

    private mutating func refuse(_ error: QueueReaderError) {
        self.opening.give(.failure(error))
        self.elements.finish()
        self.isFinishing = true
        self.isAtEnd = true
    }
}
