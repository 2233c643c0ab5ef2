import AMQP
import ArgumentParser
import Foundation
import S3
import Uploads

struct UploadCommand: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    static let configuration = CommandConfiguration(
        commandName: "upload",
        abstract: "Upload one file the way a client would: start, put the parts, complete.",
        discussion: """
            Publishes a start request, puts the parts in parallel straight to the presigned URLs, publishes a complete \
            request, and prints the result. It needs a running worker, AMQP_URL and TOPOLOGY_PREFIX, and no S3 credentials.

            Run again with the same --file-id after a failure, it goes on with the same upload; the error names that id. \
            Exit status: 0 uploaded; 1 failed; 75 not for now: no answer came, the store cannot be reached, or a part was \
            not taken.

              upload-worker upload holiday.mp4 --user-id 42
              upload-worker upload scan.bin --user-id 42 --file-id invoice-7 --parts 3 --parallel 3 --format json
            """
    )

    @Argument(help: ArgumentHelp("The file to upload.", valueName: "file"))
    var path: String

    @Option(help: ArgumentHelp("The owner of the file: a number, or 1 to 64 of A-Z a-z 0-9 . _ ~ -.", valueName: "id"))
    var userID: String

    @Option(help: ArgumentHelp("The file's name for the worker; a new UUID when left out.", valueName: "id"))
    var fileID: String?

    @Option(help: ArgumentHelp("Its media type; told by the file's ending when left out.", valueName: "type"))
    var contentType: String?

    @Option(help: ArgumentHelp("In how many parts; chosen by the size when left out.", valueName: "n"))
    var parts: Int?

    @Option(help: ArgumentHelp("How many parts to put at the same time.", valueName: "n"))
    var parallel: Int = 4

    @Option(help: "Print the result for a person (text) or as one JSON object (json).")
    var format: Format = .text

    @Flag(help: "Show each message on standard error, its URLs without their signatures.")
    var showMessages = false

    @Option(help: ArgumentHelp("How long to wait for an answer, for example 60s.", valueName: "duration"))
    var timeout: String = "60s"

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (1...64).contains(self.parallel) else { throw ValidationError("--parallel must be from 1 to 64") }
        guard Duration(settingText: self.timeout) != nil else {
            throw ValidationError("--timeout must be a whole number followed by ms, s, m, h or d")
        }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            let source = try self.common.source()
            let broker = try BrokerSettings(source)
            let most = try source.integer("MAX_PART_COUNT", in: 1...10000, default: UploadRules().maxPartCount)
            let file = try SourceFile(path: self.path)
            let plan = try PartPlan(size: file.size, parts: self.parts, most: most)
            let logger = try ProcessSettings(source).makeLogger(label: "upload", usualLevel: .warning)
            let result = try await withDirectReplyClient(
                configuration: broker.connection(named: "upload-worker upload"),
                logger: logger
            ) { client in
                try await self.upload(file, plan, through: self.uploadClient(client, broker.topology))
            }
            self.report(result)
        }
    }

    private func uploadClient(_ client: DirectReplyClient, _ names: TopologyNames) -> UploadClient {
        UploadClient(
            client: client,
            exchange: AMQPString(names.exchange),
            timeout: Duration(settingText: self.timeout) ?? .seconds(60),
            showMessage: self.showMessage
        )
    }

    private var showMessage: UploadClient.ShowMessage? {
        guard self.showMessages else { return nil }
        return { title, body in LogOutput.standardError.write("\(title) \(body)\n") }
    }

    private func upload(
        _ file: SourceFile,
        _ plan: PartPlan,
        through client: UploadClient
    ) async throws -> UploadClient.Answer<CompletedMessage> {
        let fileID = self.fileID ?? UUID().uuidString.lowercased()
        do {
            return try await self.upload(file, plan, as: fileID, through: client)
        } catch {
            throw UploadUnfinished(fileID: fileID, cause: error) ?? error
        }
    }

    private func upload(
        _ file: SourceFile,
        _ plan: PartPlan,
        as fileID: String,
        through client: UploadClient
    ) async throws -> UploadClient.Answer<CompletedMessage> {
        let started = try await client.start(
            StartMessage(
                fileID: fileID,
                userID: self.userID,
                partCount: plan.partCount,
                contentType: self.contentType ?? ContentTypeByEnding.contentType(ofPath: self.path)
            )
        ).result
        let etags = try await PartUploads(file: file, plan: plan, urls: started.presignedURLs)
            .send(parallel: self.parallel)
        let parts = etags.enumerated().map { CompleteMessage.Part(number: $0.offset + 1, etag: $0.element) }
        return try await client.complete(
            CompleteMessage(fileID: fileID, userID: self.userID, uploadID: started.uploadID, parts: parts)
        )
    }

    private func report(_ answer: UploadClient.Answer<CompletedMessage>) {
        switch self.format {
        case .json:
            print(answer.body)
        case .text:
            print(
                """
                uploaded  \(self.path) (\(answer.result.filesize) bytes)
                file id   \(answer.result.fileID)
                key       \(answer.result.key)
                location  \(answer.result.location)
                etag      \(answer.result.etag)
                """
            )
        }
    }
}
