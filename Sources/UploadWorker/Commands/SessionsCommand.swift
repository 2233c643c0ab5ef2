import ArgumentParser
import Foundation
import Uploads

struct SessionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions",
        abstract: "Look at upload sessions, or abort one.",
        discussion: """
            list and show read the session database that SESSION_STORE names, also while its worker runs, and change \
            nothing in it. abort asks a worker to abort, through the broker.

              upload-worker sessions list --state started --older-than 2h
              upload-worker sessions list --user-id 42 --format json
              upload-worker sessions show holiday-1
              upload-worker sessions abort --user-id 42 --file-id holiday-1
            """,
        subcommands: [SessionsListCommand.self, SessionsShowCommand.self, SessionsAbortCommand.self]
    )
}

extension Session.State.Name: ExpressibleByArgument {}

/// A duration on the command line, written as in the settings.
struct DurationArgument: ExpressibleByArgument, Sendable {
    let duration: Duration

    init?(argument: String) {
        guard let duration = Duration(settingText: argument) else { return nil }
        self.duration = duration
    }

    static let help = "a whole number and ms, s, m, h or d"
}

/// Ids as requests have them; one that no session can have is a mistake of whoever typed it.
enum SessionIDs {
    static func user(_ text: String?) throws -> UserID? {
        try text.map { text in try Self.checked { () throws(UploadFailure) in try UserID(parsing: text) } }
    }

    static func file(_ text: String?) throws -> FileID? {
        try text.map { text in try Self.checked { () throws(UploadFailure) in try FileID(parsing: text) } }
    }

    private static func checked<ID>(_ parse: () throws(UploadFailure) -> ID) throws -> ID {
        do throws(UploadFailure) {
            return try parse()
        } catch {
            throw ValidationError(error.message)
        }
    }
}
