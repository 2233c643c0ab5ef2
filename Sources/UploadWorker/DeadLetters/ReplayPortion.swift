import AMQP
import Uploads

/// One reading of the queue by a replay.
struct ReplayPortion: Sendable {
    /// Replays on their way at a time.
    private static let concurrency = 256
    /// Messages held at a time, at first: with the largest bodies that `MAX_MESSAGE_BYTES` lets in by default, within the
    /// budget. More would have to be read again in the next portion.
    private static let window: UInt16 = 960
    /// How long messages are held, but for one and for the time that reading on to the end takes; RabbitMQ's own limit is
    /// 30 minutes.
    private static let longest = Duration.seconds(480)

    enum Element: Sendable {
        /// Left where it is: another filter's, or looked at before.
        case other(Delivery.Handle)
        case wanted(DeadLetterSummary, Delivery)
        /// The next portion's, and so is all that comes after it.
        case later
    }

    /// How the replay of one message ended.
    fileprivate enum Ending: Sendable { case replayed, skipped, stopped }

    private let replay: DeadLetterReplay
    private let sender: DeadLetterSender
    private let budget = ReplayBudget()
    private let looked: Int
    private let end: Int

    init(_ replay: DeadLetterReplay, _ course: DeadLetterReplay.Course, _ publisher: ConfirmingPublisher) {
        self.replay = replay
        self.sender = DeadLetterSender(names: replay.queue.names, publisher: publisher)
        self.looked = course.behind
        self.end = course.end
    }

    func run(_ course: inout DeadLetterReplay.Course) async throws {
        let (queue, filter, looked, end) = (self.replay.queue, self.replay.filter, self.looked, self.end)
        let (names, rules) = (queue.names, queue.rules)
        let budget = self.budget
        let failure: (any Error)?
        (course, failure) = try await queue.read(window: Self.window, bodyLimit: rules.maxMessageBytes) {
            position,
            delivery -> Element in
            guard position > looked else { return .other(delivery.handle) }
            guard position <= end else { return .later }
            let letter = DeadLetterSummary(delivery, position: position, names: names, rules: rules)
            guard filter.matches(letter.account, messageID: letter.messageID) else { return .other(delivery.handle) }
            return budget.take(delivery.body.count) ? .wanted(letter, delivery) : .later
        } body: { [course] reader in
            var course = course
            let failure = await self.replay(reader, &course)
            return (course, failure)
        }
        if let failure { throw failure }
    }

    /// What ended it early, if not the portion's end; the counts are right all the same.
    private func replay(
        _ reader: QueueReader<Element>,
        _ course: inout DeadLetterReplay.Course
    ) async -> (any Error)? {
        let (before, total) = (course.summary, course.total ?? reader.count)
        course.total = total
        var position = 0
        let failure = await withTaskGroup(of: Ending.self) { group -> (any Error)? in
            defer { course.behind = position - (course.summary.replayed - before.replayed) }
            var failure: (any Error)?
            do {
                course.isOver = try await self.walk(reader, &course, &position, &group)
            } catch {
                failure = error
            }
            for await ending in group { course.summary.count(ending) }
            return failure
        }
        course.isOver = course.isOver || self.isLimitReached(course) || position >= min(reader.count, self.end)
        return failure
    }

    /// Begins the replay of one message after the other; true where there is nothing more to do.
    private func walk(
        _ reader: QueueReader<Element>,
        _ course: inout DeadLetterReplay.Course,
        _ position: inout Int,
        _ group: inout TaskGroup<Ending>
    ) async throws -> Bool {
        let (before, total) = (course.summary, course.total ?? reader.count)
        let deadline = ContinuousClock.now + Self.longest
        var running = 0
        for try await batch in reader.elements {
            for element in batch {
                switch element {
                case .later: return false
                case .other(let handle): reader.leave(handle)
                case .wanted(let letter, let delivery):
                    if self.isLimitReached(course) { return true }
                    let isFirst = course.summary.matched == before.matched
                    guard await self.mayGo(course, until: deadline, isFirst: isFirst) else { return false }
                    if running >= Self.concurrency, let ending = await group.next() {
                        course.summary.count(ending)
                        running -= 1
                    }
                    course.summary.matched += 1
                    running += 1
                    group.addTask { await self.replay(delivery, letter, reader) }
                }
                position += 1
                self.replay.progress(before.replayed + position, total)
            }
        }
        return true
    }

    private func isLimitReached(_ course: DeadLetterReplay.Course) -> Bool {
        course.summary.matched >= self.replay.limit ?? .max
    }

    /// Waits for the message's turn; false where that does not come in this portion.
    private func mayGo(
        _ course: DeadLetterReplay.Course,
        until deadline: ContinuousClock.Instant,
        isFirst: Bool
    ) async -> Bool {
        guard isFirst || ContinuousClock.now < deadline else { return false }
        guard let due = self.replay.due(course), due > .now else { return !Task.isCancelled }
        guard due < deadline else { return false }
        do {
            try await Task.sleep(until: due, clock: .continuous)
            return true
        } catch {
            return false
        }
    }

    private func replay(
        _ delivery: Delivery,
        _ letter: DeadLetterSummary,
        _ reader: QueueReader<Element>
    ) async -> Ending {
        defer { self.budget.giveBack(delivery.body.count) }
        switch await self.sender.send(delivery, letter.account) {
        case .confirmed:
            reader.acknowledge(letter.handle)
            let cut = RequestCopy(of: delivery).truncatedHeaders.joined(separator: ", ")
            if !cut.isEmpty { self.report(letter, "replayed with headers cut that nest too deep: \(cut)") }
            return .replayed
        case .stopped:
            reader.leave(letter.handle)
            return .stopped
        case .refused(let reason):
            reader.leave(letter.handle)
            self.report(letter, "skipped, \(reason)")
            return .skipped
        }
    }

    private func report(_ letter: DeadLetterSummary, _ text: String) {
        self.replay.report("\(letter.position) \(letter.messageID ?? "-"): \(text)")
    }
}

extension DeadLetterReplay.Summary {
    fileprivate mutating func count(_ ending: ReplayPortion.Ending) {
        switch ending {
        case .replayed: self.replayed += 1
        case .skipped: self.skipped += 1
        case .stopped: break
        }
    }
}
