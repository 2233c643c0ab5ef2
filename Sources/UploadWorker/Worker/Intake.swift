import AMQP
import Logging
import Uploads

/// What is taken from the request queues, and when: everything, one request at a time, or nothing.
///
/// It begins with one at a time, as long as the queues hold requests that were delivered before and not settled. While the
/// store is down single requests try it; while the session database cannot be used or the broker takes no results, nothing
/// is taken.
struct Intake: Sendable {
    let consumer: Consumer
    let queues: [String]
    let store: any MultipartStore
    let sessions: any SessionStore
    let outages: Outages
    /// What keeps results from being published, in words.
    let publishingProblem: @Sendable () -> String?
    let logger: Logger

    let suspects = SuspectRound()
    private let turns = Turns()

    /// Returns once `body` has handled the delivery, alone where it is suspected of killing its process.
    func handle(_ delivery: Delivery, _ body: @Sendable (Delivery) async -> Void) async {
        await self.turns.take(alone: delivery.isSuspect) { await body(delivery) }
    }

    /// Runs until cancelled.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.tryDatabaseWhileDown() }
            group.addTask { try await self.tryStoreWhileDown() }
            group.addTask { try await self.watchPublishing() }
            group.addTask { await self.followOutages() }
            try await self.takeSuspects()
            self.suspects.end()
            self.outages.alarm.ring()
            try await group.waitForAll()
        }
    }

    /// Takes requests whenever there is no outage.
    private func followOutages() async {
        var isPaused = false
        for await _ in self.outages.alarm.rings {
            let reason = self.outages.reason
            if let reason, !isPaused { self.pause(because: reason) }
            if reason == nil, isPaused { self.logger.notice("Taking requests again") }
            if reason == nil, self.suspects.isOver { self.consumer.resume() }
            isPaused = reason != nil
        }
    }

    private func pause(because reason: String) {
        CrashPoint.outageBegan.pass()
        self.consumer.pause()
        let cause = self.outages.database.cause
        self.logger.error("Taking no requests", error: cause, metadata: ["outage.reason": "\(reason)"])
    }

    /// Has the suspects handled one after the other, so that none that is waiting is charged with the end of another: the
    /// broker gives those it got back first.
    private func takeSuspects() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for queue in self.queues { group.addTask { try await self.takeSuspects(of: queue) } }
            try await group.waitForAll()
        }
    }

    private func takeSuspects(of queue: String) async throws {
        while true {
            while self.outages.reason != nil { try await Task.sleep(for: .seconds(1)) }
            guard let taken = await self.consumer.take(from: queue), taken.delivery.isSuspect else { return }
            await taken.waitUntilHandled(atMost: Turns.longestSolitude)
        }
    }

    private func watchPublishing() async throws {
        while true {
            self.outages.publishing.note(self.publishingProblem())
            try await Task.sleep(for: .seconds(1))
        }
    }

    /// By itself: a request that tries the store may have to wait for the database.
    private func tryDatabaseWhileDown() async throws {
        for await _ in self.outages.database.trial.rings {
            var pauses = ProbePauses()
            while self.outages.database.isDown {
                try await Task.sleep(for: pauses.next(random: .random(in: 0..<1)))
                await self.tryDatabase()
            }
        }
    }

    /// Apart from what pauses and goes on: a request that hangs at the store does not keep an outage going that is over.
    private func tryStoreWhileDown() async throws {
        for await _ in self.outages.store.trial.rings {
            var pauses = ProbePauses()
            var regardless = GrowingInterval()
            while self.outages.store.isDown {
                try await Task.sleep(for: pauses.next(random: .random(in: 0..<1)))
                if self.outages.isOfStoreAlone { await self.tryStore(&regardless) }
            }
        }
    }

    private func tryDatabase() async {
        do {
            try await self.sessions.proveWritable()
            self.outages.database.ended()
        } catch {
            CrashPoint.databaseStillDown.pass()
            if let error = error as? SessionStoreError { self.outages.database.goesOn(error) }
            self.logger.debug("The session database still takes no writes", error: error)
        }
    }

    /// Lets one request through that asks the store, if the store answers for its bucket; now and then even if not, since
    /// some store may not. A request that waits is not used up by an outage that way.
    private func tryStore(_ regardless: inout GrowingInterval) async {
        let answers = await self.storeAnswers()
        guard answers || regardless.isOver(at: .now) else { return }
        let before = self.outages.store.observations
        for queue in self.queues.shuffled() {
            guard let taken = await self.consumer.take(from: queue) else { continue }
            await taken.waitUntilHandled(atMost: Self.longestProbe)
            if self.outages.store.observations != before { return }
        }
        if answers { self.outages.store.noteAnswers() }
    }

    /// The next request tries the store then.
    private static let longestProbe = Duration.seconds(60)

    private func storeAnswers() async -> Bool {
        do {
            try await self.store.headBucket()
            return true
        } catch {
            CrashPoint.storeStillDown.pass()
            self.logger.debug("The store is still down", error: error)
            return error.kind == .permanent
        }
    }
}

/// Ten seconds at first, then twice as long each time, five minutes at most.
private struct GrowingInterval {
    private var length = Duration.seconds(10)
    private var end = ContinuousClock.now + .seconds(10)

    mutating func isOver(at now: ContinuousClock.Instant) -> Bool {
        guard now >= self.end else { return false }
        self.length = min(self.length * 2, .seconds(300))
        self.end = now + self.length
        return true
    }
}

/// How long to wait before the next try: half a second at first, then twice as long, five seconds at most.
private struct ProbePauses {
    private var longest = Duration.milliseconds(500)

    /// - Parameter random: from 0 up to 1; the pause is between half of the longest and the longest.
    mutating func next(random: Double) -> Duration {
        defer { self.longest = min(self.longest * 2, .seconds(5)) }
        return self.longest / 2 + self.longest / 2 * random
    }
}

extension Delivery {
    /// Whether it may be what killed its process: delivered twice before without a settlement. Once is what any lost
    /// connection does to all that were in flight.
    var isSuspect: Bool { self.deliveryCount >= 2 }
}
