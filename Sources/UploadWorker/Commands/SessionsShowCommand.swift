import ArgumentParser
import Foundation
import Uploads

struct SessionsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the upload sessions of one file as a time line.",
        discussion: """
            A file that was started again after an abort or an expiry has several sessions, the oldest first; so has a file \
            id that several users have. Of an open session the store is asked for the parts that it has.

            With --format json one object a line: the fields of sessions list --format json and parts, an array of \
            part_number, etag and size, and parts_problem, why an open session's parts are not known.
            """
    )

    @Argument(help: ArgumentHelp("Which file.", valueName: "file-id"))
    var fileID: String

    @Option(help: ArgumentHelp("Only of this user.", valueName: "id"))
    var userID: String?

    @Option(help: "Print for a person (table) or as JSON (json).")
    var format: TableOrJSON = .table

    @OptionGroup var common: CommonOptions

    func validate() throws { _ = try self.filter() }

    func run() async throws {
        try await CommandFailure.reporting {
            let source = try self.common.source()
            let location = try DatabaseLocation(source)
            try await untilInterrupted {
                try await StoredPartsReader.with(source) { store in try await self.show(location, store) }
            }
        }
    }

    private func filter() throws -> SessionFilter {
        SessionFilter(userID: try SessionIDs.user(self.userID), fileID: try SessionIDs.file(self.fileID))
    }

    private func show(_ location: DatabaseLocation, _ store: StoredPartsReader) async throws {
        var listing = try SessionListing(location.pages(), self.filter(), .oldestFirst)
        var output = CommandOutput()
        var isFirst = true
        while case let page = try listing.next(), !page.isEmpty {
            for session in page {
                try Task.checkCancellation()
                let stored = await store.parts(of: session)
                if !isFirst, self.format == .table { try output.line("") }
                isFirst = false
                let lines = SessionTimeLine(session: session, stored: stored, now: Date()).lines
                for line in self.format == .json ? [session.json { $0.member(stored) }] : lines {
                    try output.line(line)
                }
            }
        }
        try output.flush()
        if isFirst { throw NoSuchSession(fileID: self.fileID, userID: self.userID, location: location) }
    }
}

struct NoSuchSession: Error, CustomStringConvertible {
    var fileID: String
    var userID: String?
    var location: DatabaseLocation

    var description: String {
        "\(self.location) has no session of file \(self.fileID)\(self.userID.map { " of user \($0)" } ?? ""): "
            + "give a file id that upload-worker sessions list shows, or another SESSION_STORE"
    }
}
