import AMQP
import Foundation
import Uploads

/// Sends dead letters back to the queues that they came from, each confirmed before it leaves the dead-letter queue.
struct DeadLetterReplay: Sendable {
    /// Replays on their way at a time; also how many messages, and bodies, are held.
    static let window: UInt16 = 256

    struct Summary: Equatable, Sendable {
        var matched = 0
        var replayed = 0
        var skipped = 0
        var isInterrupted = false
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
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await publisher.run() }
            defer { group.cancelAll() }
            return try await self.read(through: publisher)
        }
    }

    private typealias Element = (summary: DeadLetterSummary, delivery: Delivery?)

    private func read(through publisher: ConfirmingPublisher) async throws -> Summary {
        let (names, rules, filter) = (self.queue.names, self.queue.rules, self.filter)
        return try await self.queue.read(window: Self.window, bodyLimit: rules.maxMessageBytes) {
            position,
            delivery -> Element in
            let summary = DeadLetterSummary(delivery, position: position, names: names, rules: rules)
            return (summary, filter.matches(summary.account, messageID: summary.messageID) ? delivery : nil)
        } body: { reader in
            try await self.replay(reader, through: publisher)
        }
    }

    private func replay(
        _ reader: QueueReader<Element>,
        through publisher: ConfirmingPublisher
    ) async throws -> Summary {
        var summary = Summary()
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Bool.self) { group in
            reading: for try await batch in reader.elements {
                for (letter, delivery) in batch {
                    guard !Task.isCancelled else { break reading }
                    guard let delivery else {
                        reader.leave(letter.handle)
                        self.progress(letter.position, reader.count)
                        continue
                    }
                    if let limit, summary.matched >= limit { break reading }
                    if let rate {
                        let due = start + .nanoseconds(Int64(Double(summary.matched) / rate * 1_000_000_000))
                        do { try await Task.sleep(until: due, clock: .continuous) } catch { break reading }
                    }
                    summary.matched += 1
                    group.addTask { await self.replay(delivery, letter, reader, publisher) }
                    self.progress(letter.position, reader.count)
                }
            }
            while let wasReplayed = try await group.next() {
                if wasReplayed { summary.replayed += 1 } else { summary.skipped += 1 }
            }
        }
        summary.isInterrupted = Task.isCancelled
        return summary
    }

    /// Whether the message was moved; where it was not, it stays.
    private func replay(
        _ delivery: Delivery,
        _ letter: DeadLetterSummary,
        _ reader: QueueReader<Element>,
        _ publisher: ConfirmingPublisher
    ) async -> Bool {
        if let reason = await self.reasonToStay(delivery, letter, publisher) {
            reader.leave(letter.handle)
            self.report("\(letter.position) \(letter.messageID ?? "-"): skipped, \(reason)")
            return false
        }
        reader.acknowledge(letter.handle)
        return true
    }

    private func reasonToStay(
        _ delivery: Delivery,
        _ letter: DeadLetterSummary,
        _ publisher: ConfirmingPublisher
    ) async -> String? {
        guard let origin = letter.account.queue, self.queue.names.kind(ofQueue: origin) != nil else {
            return "it does not come from a request queue (\(letter.account.queue ?? "its origin is unknown"))"
        }
        guard delivery.bodySize == UInt64(delivery.body.count) else {
            return "its body of \(delivery.bodySize) bytes is over MAX_MESSAGE_BYTES and would be refused again"
        }
        do throws(PublishError) {
            let outcome = try await publisher.publish(Publication(replaying: delivery, letter.account, to: origin))
            guard case .returned(_, let text) = outcome else { return nil }
            return "the queue \(origin) did not take it (\(text)): run upload-worker setup"
        } catch {
            return switch error {
            case .cancelled, .stopped: "the replay was stopped"
            case .tooLarge(let part): "\(part) is too long to be sent"
            case .refused(let code, let text): "the broker refuses it (\(code) \(text))"
            }
        }
    }
}

extension Publication {
    /// The request as it was, less what it went through, with its replays counted.
    init(replaying delivery: Delivery, _ account: DeadLetterAccount, to queue: String) {
        var properties = RequestCopy(of: delivery).properties
        var headers = properties.headers ?? FieldTable()
        headers.removeAll { field in field.name.text.map(DeadLetterAccount.clearedHeaders.contains) ?? false }
        headers[DeadLetter.replaysHeader] = .int64(account.nextReplays)
        properties.headers = headers
        self.init(exchange: "", routingKey: AMQPString(queue), properties: properties, body: delivery.body)
    }
}
