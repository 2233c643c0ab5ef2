import ArgumentParser
import Foundation
import Uploads

struct SessionsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List upload sessions, the newest first.",
        discussion: """
            Prints a table, or with --format json one object a line: session_id, user_id, file_id, upload_id, key, state, \
            part_count, content_type, started_at, expires_at, ended_at, location, etag, filesize, each null where there is \
            none (schemas/session.json). A session that fits every filter given is listed; its age counts from its start.

            ENDS OR ENDED is the end of its URLs while a session is open, then its own.
            """
    )

    @Option(help: ArgumentHelp("Only of this user.", valueName: "id"))
    var userID: String?

    @Option(help: ArgumentHelp("Only of this file.", valueName: "id"))
    var fileID: String?

    @Option(help: "Only in this state; may be given several times.")
    var state: [Session.State.Name] = []

    @Option(help: ArgumentHelp("Only started longer ago than this: \(DurationArgument.help).", valueName: "duration"))
    var olderThan: DurationArgument?

    @Option(help: ArgumentHelp("Only started less long ago than this.", valueName: "duration"))
    var newerThan: DurationArgument?

    @Option(help: ArgumentHelp("At most so many.", valueName: "n"))
    var limit: Int?

    @Option(help: "Print for a person (table) or as JSON (json).")
    var format: TableOrJSON = .table

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be 1 or more") }
        _ = try self.filter(now: Date())
    }

    func run() async throws {
        try await CommandFailure.reporting {
            let location = try DatabaseLocation(self.common.source())
            try await untilInterrupted { try self.list(location.pages()) }
        }
    }

    private func filter(now: Date) throws -> SessionFilter {
        SessionFilter(
            userID: try SessionIDs.user(self.userID),
            fileID: try SessionIDs.file(self.fileID),
            states: self.state,
            startedBefore: self.olderThan.map { now.addingTimeInterval(-$0.duration.inSeconds) },
            startedAfter: self.newerThan.map { now.addingTimeInterval(-$0.duration.inSeconds) }
        )
    }

    private func list(_ pages: any SessionPages) throws {
        var listing = SessionListing(pages, try self.filter(now: Date()), .newestFirst)
        var output = CommandOutput()
        let table = SessionTable()
        var left = self.limit ?? .max
        while !output.isUnread {
            try Task.checkCancellation()
            let page = try listing.next(atMost: left)
            if page.isEmpty { break }
            if left == self.limit ?? .max, self.format == .table { try output.line(table.header) }
            left -= page.count
            for session in page { try output.line(self.format == .json ? session.json() : table.line(session)) }
        }
        if left == self.limit ?? .max, self.format == .table { try output.line("no such sessions") }
        try output.flush()
    }
}
