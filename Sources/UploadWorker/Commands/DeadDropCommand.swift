import ArgumentParser
import Foundation
import Uploads

struct DeadDropCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop",
        abstract: "Delete dead letters for good.",
        discussion: """
            Deletes what is in the queue now and fits every filter given, or everything where none is given. There is no \
            way back, so it needs --yes. With --format json the summary is {"matched":n,"dropped":n}.
            """
    )

    @OptionGroup var filter: DeadFilterOptions

    @Option(help: ArgumentHelp("Only the one with this message id.", valueName: "id"))
    var messageID: String?

    @Flag(help: "Yes, delete them.")
    var yes = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard self.yes else {
            throw ValidationError(
                "this deletes for good: add --yes, or look first with `dead list` and the same filters"
            )
        }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            let queue = try DeadLetterQueue(self.common.source())
            try await untilInterrupted { try await self.drop(queue) }
        }
    }

    private func drop(_ queue: DeadLetterQueue) async throws {
        let wanted = DeadLetterFilter(queue: self.filter.queue, code: self.filter.code, messageID: self.messageID)
        let (names, rules) = (queue.names, queue.rules)
        let dropped = try await queue.read(bodyLimit: 0) { position, delivery in
            DeadLetterSummary(delivery, position: position, names: names, rules: rules)
        } body: { reader in
            var dropped = 0
            for try await batch in reader.elements {
                for letter in batch {
                    guard wanted.matches(letter.account, messageID: letter.messageID) else {
                        reader.leave(letter.handle)
                        continue
                    }
                    if dropped >= self.filter.limit ?? .max { return dropped }
                    reader.acknowledge(letter.handle)
                    dropped += 1
                }
            }
            return dropped
        }
        var output = CommandOutput()
        switch self.filter.format {
        case .json: try output.line(#"{"matched":\#(dropped),"dropped":\#(dropped)}"#)
        case .table: try output.line("dropped \(dropped)")
        }
        try output.flush()
    }
}
