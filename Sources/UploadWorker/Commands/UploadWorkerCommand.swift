import ArgumentParser
import Foundation

/// The program. Its name on the command line is `upload-worker`.
@main
struct UploadWorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upload-worker",
        abstract: "Lets phones and browsers put large files straight into S3, driven by requests on RabbitMQ.",
        discussion: """
            Backend services publish start, complete, resume and abort requests as JSON; the worker makes the S3 \
            multipart calls, keeps the upload session, and answers with a presigned URL for every part.

            Settings come from the environment, or from a .env or .json file given with --config; the environment wins. \
            Required is S3_BUCKET; the others have defaults: AMQP_URL, AWS_REGION, AWS_ACCESS_KEY_ID, \
            AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL_S3, SESSION_STORE, LOG_LEVEL and more, listed in README.md.

            Exit status: 0 done, 1 failed, 64 wrong arguments, 75 the same command may succeed later, 78 a setting is missing \
            or wrong (one line names it), 130 stopped by Ctrl-C.
            """,
        version: ProgramVersion.current,
        subcommands: [
            RunCommand.self, SetupCommand.self, CheckCommand.self, UploadCommand.self, SessionsCommand.self,
            DeadCommand.self,
        ] + Self.forTests
    )

    #if CRASH_POINTS
        private static let forTests: [any ParsableCommand.Type] = [CrashPointsCommand.self]
    #else
        private static let forTests: [any ParsableCommand.Type] = []
    #endif
}

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Read settings from this .env or .json file; the environment wins over it.",
            valueName: "file"
        )
    )
    var config: String?

    func source() throws -> SettingsSource {
        let source = try SettingsSource(
            environment: ProcessInfo.processInfo.environment,
            configFile: self.config
        )
        try Confidentiality.closeProcess(source)
        return source
    }
}
