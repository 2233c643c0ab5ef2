import AMQP
import Uploads

/// Sends dead letters back to the queues that they came from, each confirmed before it leaves the dead-letter queue.
///
/// The queue is read in portions. RabbitMQ closes a channel that holds a message for half an hour, and bodies take memory:
/// so a portion ends after some minutes, or where more would have to be held than there is room for, gives back in order
/// what it did not move, and the next one skips what was looked at. Where another command changes the queue between two portions, letters may be looked at twice or
/// not at all; none is lost, and running it again goes on.
struct DeadLetterReplay: Sendable {
    struct Summary: Sendable {
        var matched = 0
        var replayed = 0
        var skipped = 0
        /// What ended it early; the counts hold until then.
        var failure: (any Error)?
    }

    let queue: DeadLetterQueue
    let filter: DeadLetterFilter
    let limit: Int?
    /// Messages a second.
    let rate: Double?
    let report: @Sendable (String) -> Void
    let progress: @Sendable (_ done: Int, _ of: Int) -> Void

    func run() async throws -> Summary {
        let publisher = ConfirmingPublisher(
            configuration: self.queue.broker.connection(named: "upload-worker dead replay"),
            topology: nil,
            logger: self.queue.logger
        )
        return try await withThrowingTaskGroup(of: Summary?.self) { group in
            group.addTask {
                try await publisher.run()
                return nil
            }
            group.addTask { await self.replayAll(through: publisher) }
            defer { group.cancelAll() }
            while let summary = try await group.next() {
                if let summary { return summary }
            }
            throw CancellationError()
        }
    }

    /// How far a replay is.
    struct Course: Sendable {
        let start = ContinuousClock.now
        var summary = Summary()
        /// How many messages the queue held when it all began.
        var total: Int?
        /// How many of those at the queue's head were looked at and stay.
        var behind = 0
        var isOver = false

        /// The last position, as the queue is now, of what was there when it all began.
        var end: Int { self.total.map { $0 - self.summary.replayed } ?? .max }
    }

    private func replayAll(through publisher: ConfirmingPublisher) async -> Summary {
        var course = Course()
        do {
            while !course.isOver, !Task.isCancelled {
                try await ReplayPortion(self, course, publisher).run(&course)
                if !course.isOver, let due = self.due(course) { try await Task.sleep(until: due, clock: .continuous) }
            }
        } catch is CancellationError {
            // Who cancelled it knows, and wants the counts.
        } catch {
            course.summary.failure = error
        }
        return course.summary
    }

    /// When the next message may go; nil for at once.
    func due(_ course: Course) -> ContinuousClock.Instant? {
        self.rate.map { course.start + .seconds(Double(course.summary.matched) / $0) }
    }
}
