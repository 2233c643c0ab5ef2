import ArgumentParser
import Foundation
import UnixSignals
import Uploads

struct DeadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead",
        abstract: "Look at dead letters, send them back, or delete them.",
        discussion: """
            Requests that broke the protocol, that the store refused, or that failed too often wait in the queue \
            uploads.dead. list and show leave it as it is; replay sends requests back to the queues they came from; drop \
            deletes.

            Only one of these commands can read the queue at a time. Ctrl-C stops each of them between two messages with \
            status 130, and nothing is lost: a replay that was stopped, or killed, is run again.

              upload-worker dead list --group
              upload-worker dead list --queue start --format json
              upload-worker dead show 1
              upload-worker dead replay --code storage_unavailable --dry-run
              upload-worker dead replay --code storage_unavailable --rate 50
            """,
        subcommands: [DeadListCommand.self, DeadShowCommand.self, DeadReplayCommand.self, DeadDropCommand.self]
    )
}

enum TableOrJSON: String, ExpressibleByArgument, CaseIterable { case table, json }

struct DeadFilterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only requests of this queue: its name as listed, or its last word, such as start.",
            valueName: "queue"
        )
    )
    var queue: String?

    @Option(
        help: ArgumentHelp(
            "Only with this error code, such as storage_unavailable, or the broker's reason: delivery_limit, rejected.",
            valueName: "code"
        )
    )
    var code: String?

    @Option(help: ArgumentHelp("At most so many.", valueName: "n"))
    var limit: Int?

    @Option(help: "Print for a person (table) or as JSON (json).")
    var format: TableOrJSON = .table

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be 1 or more") }
    }
}

/// Runs a command's work until it ends or Ctrl-C (or SIGTERM) comes, which ends it cleanly with status 130.
///
/// A pipe that nobody reads any more does not end it: it would leave the queue half-read, and so in another order.
func untilInterrupted(_ body: @escaping @Sendable () async throws -> Void) async throws {
    signal(SIGPIPE, SIG_IGN)
    try await withThrowingTaskGroup(of: Bool.self) { group in
        group.addTask {
            try await body()
            return false
        }
        group.addTask {
            for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { return true }
            return false
        }
        let wasInterrupted = try await group.next() ?? false
        group.cancelAll()
        guard wasInterrupted else { return }
        do {
            while try await group.next() != nil {}
        } catch is CancellationError {
            // What was interrupted need not say so again.
        }
        throw ExitCode(130)
    }
}
