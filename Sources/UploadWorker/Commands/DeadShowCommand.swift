import ArgumentParser
import Foundation
import Uploads

struct DeadShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one dead letter with its properties, headers and body.",
        discussion: """
            Give its position in `dead list`, from 1, or its message id; a number is a position where there is one. With --format json, one object: the fields of \
            `dead list --format json` and properties, headers, body and body_encoding (utf-8, or base64 where the body is \
            no UTF-8 text). Bytes in headers are base64, times RFC 3339, numbers that are not finite are words. The queue stays as it is.
            """
    )

    @Argument(help: ArgumentHelp("Which one.", valueName: "message-id-or-position"))
    var letter: String

    @Option(help: "Print for a person (table) or as one JSON object (json).")
    var format: TableOrJSON = .table

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await CommandFailure.reporting {
            let queue = try DeadLetterQueue(self.common.source())
            try await untilInterrupted { try await self.show(queue) }
        }
    }

    private func show(_ queue: DeadLetterQueue) async throws {
        guard let (summary, delivery) = try await queue.letter(self.letter) else {
            try Task.checkCancellation()
            throw NoSuchDeadLetter(wanted: self.letter, queue: queue.name)
        }
        let json = summary.json { $0.message(delivery) }
        var output = CommandOutput()
        for line in self.format == .json ? [json] : try self.lines(of: json, summary) { try output.line(line) }
        try output.flush()
    }

    private func lines(of json: String, _ summary: DeadLetterSummary) throws -> [String] {
        let object = try JSONSerialization.jsonObject(with: Data(json.utf8))
        let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let pretty = try JSONSerialization.data(withJSONObject: object, options: options)
        let lines = String(decoding: pretty, as: UTF8.self).split(separator: "\n").map(String.init)
        return (lines + [summary.account.message].compactMap(\.self)).map(DeadLetterTable.printable)
    }
}

struct NoSuchDeadLetter: Error, CustomStringConvertible {
    var wanted: String
    var queue: String

    var description: String {
        "\(self.queue) has no dead letter \(DeadLetterTable.printable(self.wanted)): "
            + "give a position or message id that upload-worker dead list shows"
    }
}
