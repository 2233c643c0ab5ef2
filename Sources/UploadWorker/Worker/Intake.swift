import AMQP
import Logging
import Uploads

/// What is taken from the request queues, and when: everything, one request at a time, or nothing.
///
/// It begins with one at a time, as long as the queues hold requests that were delivered before and not settled. While the
/// store is down single requests try it; while the session database takes no writes nothing is taken.
struct Intake: Sendable {
    let consumer: Consumer
    let queues: [String]
    let store: any MultipartStore
    let storeOutage: StoreOutage
    let sessions: any SessionStore
    let databaseOutage: DatabaseOutage
    let alarm: Alarm
    let logger: Logger

    private let turns = Turns()

    /// Returns once `body` has handled the delivery, alone where it is suspected of killing its process.
    func handle(_ delivery: Delivery, _ body: @Sendable (Delivery) async -> Void) async {
        await self.turns.take(alone: delivery.isSuspect) { await body(delivery) }
    }

    /// Runs until cancelled.
    func run() async throws {
        await self.takeSuspects()
        self.consumer.resume()
        for await _ in self.alarm.rings {
            guard let reason = self.outage else { continue }
            CrashPoint.outageBegan.pass()
            self.consumer.pause()
            self.logger.error("Taking no requests", metadata: ["outage.reason": "\(reason)"])
            try await self.waitForEnd()
            self.logger.notice("Taking requests again")
            self.consumer.resume()
        }
    }

    /// Why nothing is taken, in words; nil while requests are.
    var outage: String? { self.databaseOutage.reason ?? self.storeOutage.reason }

    /// Has the suspects handled one after the other, so that none that is waiting is charged with the end of another: the
    /// broker gives those it got back first.
    private func takeSuspects() async {
        await withDiscardingTaskGroup { group in
            for queue in self.queues {
                group.addTask {
                    while let taken = await self.consumer.take(from: queue), taken.delivery.isSuspect {
                        await taken.waitUntilHandled()
                    }
                }
            }
        }
    }

    private func waitForEnd() async throws {
        var pauses = ProbePauses()
        while self.outage != nil {
            try await Task.sleep(for: pauses.next(random: .random(in: 0..<1)))
            if self.databaseOutage.isDown {
                await self.tryDatabase()
            } else if self.storeOutage.isDown {
                await self.tryStore()
            }
        }
    }

    private func tryDatabase() async {
        do {
            try await self.sessions.proveWritable()
            self.databaseOutage.ended()
        } catch {
            CrashPoint.databaseStillDown.pass()
            self.logger.debug("The session database still takes no writes", error: error)
        }
    }

    /// Lets one request through that asks the store; where none waits, asks for the bucket instead.
    private func tryStore() async {
        let before = self.storeOutage.observations
        for queue in self.queues.shuffled() {
            guard let taken = await self.consumer.take(from: queue) else { continue }
            await taken.waitUntilHandled()
            if self.storeOutage.observations != before { return }
        }
        do {
            try await self.store.headBucket()
        } catch {
            CrashPoint.storeStillDown.pass()
            guard error.kind == .permanent else { return }
        }
        self.storeOutage.noteServed()
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
