import ArgumentParser
import Foundation
import Uploads

struct DeadListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List dead letters, the oldest first.",
        discussion: """
            Prints a table, or with --format json one object a line: position, message_id, queue, code, attempts, file_id, \
            user_id, first_failed_at, last_failed_at, replays, each null where it is unknown (schemas/dead-letter.json). \
            The queue stays as it is, but for the broker's own x-delivery-count, which no limit of this queue counts.

            The code of a dead letter that the broker set aside by itself is the broker's reason: delivery_limit, rejected.

            --group counts them by code and queue instead.
            """
    )

    @OptionGroup var filter: DeadFilterOptions

    @Flag(help: "Count by code and queue.")
    var group = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await CommandFailure.reporting {
            let queue = try DeadLetterQueue(self.common.source())
            try await untilInterrupted { try await self.list(queue) }
        }
    }

    private struct Kind: Hashable {
        var code: String?
        var queue: String?
    }

    private func list(_ queue: DeadLetterQueue) async throws {
        var output = CommandOutput()
        let found = try await self.group ? self.listGroups(of: queue, &output) : self.listLetters(of: queue, &output)
        if found == 0, self.filter.format == .table { try output.line("no dead letters in \(queue.name)") }
        try output.flush()
    }

    private var wanted: DeadLetterFilter { DeadLetterFilter(queue: self.filter.queue, code: self.filter.code) }

    private func listLetters(of queue: DeadLetterQueue, _ output: inout CommandOutput) async throws -> Int {
        let (wanted, isJSON, table) = (self.wanted, self.filter.format == .json, DeadLetterTable())
        var found = 0
        try await queue.forEach { letter -> String? in
            guard wanted.matches(letter.account, messageID: letter.messageID) else { return nil }
            return isJSON ? letter.json() : table.line(letter)
        } _: { line in
            if found == 0, !isJSON { try output.line(table.header) }
            try output.line(line)
            found += 1
            return found < self.filter.limit ?? .max && !output.isUnread
        }
        return found
    }

    private func listGroups(of queue: DeadLetterQueue, _ output: inout CommandOutput) async throws -> Int {
        let wanted = self.wanted
        var counts: [Kind: Int] = [:]
        var found = 0
        try await queue.forEach { letter -> Kind? in
            guard wanted.matches(letter.account, messageID: letter.messageID) else { return nil }
            return Kind(code: letter.account.code, queue: letter.account.queue)
        } _: { kind in
            counts[kind, default: 0] += 1
            found += 1
            return found < self.filter.limit ?? .max
        }
        for (kind, count) in counts.sorted(by: { $0.value > $1.value }) { try output.line(self.line(kind, count)) }
        return found
    }

    private func line(_ kind: Kind, _ count: Int) -> String {
        guard self.filter.format == .json else {
            return ["\(count)", kind.code ?? "-", kind.queue ?? "-"].map(DeadLetterTable.printable)
                .joined(separator: "  ")
        }
        var writer = JSONWriter(capacity: 128)
        writer.object { writer in
            writer.member("code", kind.code)
            writer.member("queue", kind.queue)
            writer.member("count", Int64(count))
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
