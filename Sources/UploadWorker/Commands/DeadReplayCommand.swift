import AMQP
import ArgumentParser
import Foundation
import Uploads

struct DeadReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Send dead letters back to the queues that they came from.",
        discussion: """
            Handles what is in the queue now, once. Each message loses the headers that tell of its failure, has its \
            upload-replays raised by one, and leaves the dead-letter queue only when the broker has confirmed it in its \
            own: a crash can repeat a message, never lose one. What cannot go back stays, is counted as skipped, and is \
            told on standard error.

            --dry-run sends nothing and says per message what would happen, as far as the rules and, where SESSION_STORE \
            is a readable SQLite file here or a database, its sessions tell.

            A replay of many messages or with a low rate reads the queue several times, so that none is held for long; when \
            anything ends it early, running it again goes on.

            With --format json the summary is {"matched":n,"replayed":n,"skipped":n}.
            """
    )

    @OptionGroup var filter: DeadFilterOptions

    @Option(help: ArgumentHelp("Only the one with this message id.", valueName: "id"))
    var messageID: String?

    @Option(help: ArgumentHelp("At most so many a second.", valueName: "per-second"))
    var rate: Double?

    @Flag(help: "Say what would happen to each, and change nothing.")
    var dryRun = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let rate, !(rate >= 0.001 && rate <= 1_000_000) {
            throw ValidationError("--rate must be from 0.001 to 1000000")
        }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            let source = try self.common.source()
            let queue = try DeadLetterQueue(source)
            let sessions = self.dryRun ? SessionGlance(try SessionSettings(source).database) : nil
            try await untilInterrupted {
                if let sessions {
                    try await self.rehearse(queue, sessions)
                } else {
                    try await self.replay(queue)
                }
            }
        }
    }

    private var wanted: DeadLetterFilter {
        DeadLetterFilter(queue: self.filter.queue, code: self.filter.code, messageID: self.messageID)
    }

    private func replay(_ queue: DeadLetterQueue) async throws {
        let bar = ReplayProgress()
        let replay = DeadLetterReplay(
            queue: queue,
            filter: self.wanted,
            limit: self.filter.limit,
            rate: self.rate,
            report: { line in bar.say(DeadLetterTable.printable(line)) },
            progress: { done, total in bar.show(done, of: total) }
        )
        let summary = try await replay.run()
        bar.end()
        var output = CommandOutput()
        try self.report(summary, to: &output)
        if let failure = summary.failure { throw failure }
    }

    private func rehearse(_ queue: DeadLetterQueue, _ sessions: SessionGlance) async throws {
        let (names, rules, wanted) = (queue.names, queue.rules, self.wanted)
        var output = CommandOutput()
        var summary = DeadLetterReplay.Summary()
        try await queue.read(bodyLimit: rules.maxMessageBytes) { position, delivery in
            let letter = DeadLetterSummary(delivery, position: position, names: names, rules: rules)
            guard wanted.matches(letter.account, messageID: letter.messageID) else {
                return (handle: letter.handle, line: nil as String?)
            }
            return (handle: letter.handle, line: self.line(letter, Self.prospect(delivery, letter, queue, sessions)))
        } body: { reader in
            for try await batch in reader.elements {
                for element in batch {
                    reader.leave(element.handle)
                    guard let line = element.line else { continue }
                    if summary.matched >= self.filter.limit ?? .max || output.isUnread { return }
                    summary.matched += 1
                    try output.line(line)
                }
            }
        }
        try self.report(summary, to: &output)
        try output.flush()
    }

    private static func prospect(
        _ delivery: Delivery,
        _ letter: DeadLetterSummary,
        _ queue: DeadLetterQueue,
        _ sessions: SessionGlance
    ) -> String {
        guard let kind = letter.account.queue.flatMap(queue.names.kind(ofQueue:)) else {
            return "would be skipped: it does not come from a request queue"
        }
        return sessions.prospect(of: delivery, kind: kind, rules: queue.rules).text
    }

    private func line(_ letter: DeadLetterSummary, _ prospect: String) -> String {
        guard self.filter.format == .table else { return letter.json { $0.member("would", prospect) } }
        let cells = ["\(letter.position)", letter.messageID ?? "-", letter.account.queue ?? "-", prospect]
        return cells.map(DeadLetterTable.printable).joined(separator: "  ")
    }

    private func report(_ summary: DeadLetterReplay.Summary, to output: inout CommandOutput) throws {
        let (matched, replayed, skipped) = (summary.matched, summary.replayed, summary.skipped)
        switch self.filter.format {
        case .json: try output.line(#"{"matched":\#(matched),"replayed":\#(replayed),"skipped":\#(skipped)}"#)
        case .table: try output.line("matched \(matched), replayed \(replayed), skipped \(skipped)")
        }
        try output.flush()
    }
}
