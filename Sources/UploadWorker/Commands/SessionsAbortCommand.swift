import AMQP
import ArgumentParser
import Foundation
import Uploads

struct SessionsAbortCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "abort",
        abstract: "Have a worker abort an open upload.",
        discussion: """
            Publishes an abort request, as a backend service would, and waits for the result: the worker that owns the \
            session database writes it, nobody else. Without --upload-id it is that of the file's open session in \
            SESSION_STORE; give it where that is not at hand. Repeating an abort is safe.

            Exit status: 0 aborted (or it was before); 1 refused, or nothing to abort; 75 no answer in time: the request \
            stays in its queue and is carried out once a worker runs.
            """
    )

    @Option(help: ArgumentHelp("The owner of the file.", valueName: "id"))
    var userID: String

    @Option(help: ArgumentHelp("The file.", valueName: "id"))
    var fileID: String

    @Option(help: ArgumentHelp("The upload to abort; the file's open one when left out.", valueName: "id"))
    var uploadID: String?

    @Option(help: ArgumentHelp("How long to wait for the result: \(DurationArgument.help).", valueName: "duration"))
    var timeout = DurationArgument(duration: .seconds(60))

    @Option(help: "Print for a person (table) or the result as one JSON object (json).")
    var format: TableOrJSON = .table

    @OptionGroup var common: CommonOptions

    func validate() throws {
        _ = try self.filter()
    }

    func run() async throws {
        try await CommandFailure.reporting {
            let source = try self.common.source()
            let broker = try BrokerSettings(source)
            let logger = try ProcessSettings(source).makeLogger(label: "sessions", usualLevel: .error)
            let request = AbortMessage(fileID: self.fileID, userID: self.userID, uploadID: try self.upload(source))
            try await untilInterrupted {
                try await withDirectReplyClient(
                    configuration: broker.connection(named: "upload-worker sessions"),
                    logger: logger
                ) { client in
                    try await self.abort(request, through: client, AMQPString(broker.topology.exchange))
                }
            }
        }
    }

    private func abort(
        _ request: AbortMessage,
        through client: DirectReplyClient,
        _ exchange: AMQPString
    ) async throws {
        let uploads = UploadClient(
            client: client,
            exchange: exchange,
            timeout: self.timeout.duration,
            showMessage: nil
        )
        do {
            try self.report(try await uploads.abort(request))
        } catch let error as NoAnswer where error.cause == .timedOut {
            throw CommandFailure.exit(CommandFailure.temporary, "\(error)")
        }
    }

    private func report(_ answer: UploadClient.Answer<AbortedMessage>) throws {
        var output = CommandOutput()
        let line = "aborted \(answer.result.key), upload \(answer.result.uploadID)"
        try output.line(self.format == .json ? answer.body : TextTable.printable(line))
        try output.flush()
    }

    private func filter() throws -> SessionFilter {
        SessionFilter(
            userID: try SessionIDs.user(self.userID),
            fileID: try SessionIDs.file(self.fileID),
            states: [.started]
        )
    }

    private func upload(_ source: SettingsSource) throws -> String {
        if let uploadID { return uploadID }
        let location = try DatabaseLocation(source)
        var listing = try SessionListing(location.pages(), self.filter(), .newestFirst)
        guard let open = try listing.next(atMost: 1).first else {
            throw NoOpenSession(fileID: self.fileID, userID: self.userID, location: location)
        }
        return open.uploadID.rawValue
    }
}

extension DurationArgument {
    init(duration: Duration) { self.duration = duration }

    var defaultValueDescription: String { self.duration.settingText }
}

struct NoOpenSession: Error, CustomStringConvertible {
    var fileID: String
    var userID: String
    var location: DatabaseLocation

    var description: String {
        "\(self.location) has no open session of file \(self.fileID) of user \(self.userID): "
            + "look with upload-worker sessions show, or give --upload-id"
    }
}
