import ArgumentParser
import Foundation

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Serve requests until SIGTERM or SIGINT.",
        discussion: """
            Declares the topology (unless DECLARE_TOPOLOGY=false), consumes the four request queues, and answers each \
            request on its reply_to queue or on the exchange uploads.results.

            The first SIGTERM or SIGINT stops taking requests, finishes those in flight within SHUTDOWN_GRACE, and ends \
            with status 0; the second ends at once. Killed at any moment, the worker loses nothing: what it had not \
            acknowledged is delivered again.

            The status pages /healthz, /readyz and /metrics are served on HTTP_HOST:HTTP_PORT; port 0 turns them off.
            """
    )

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await CommandFailure.reporting {
            signal(SIGPIPE, SIG_IGN)
            Self.endAtOnceWhenAsked()
            ProcessFigures.noteStart()
            let source = try self.common.source()
            let settings = try Settings(source)
            try settings.broker.connection(named: "upload-worker").checkTLSFiles()
            try await settings.store.checkCredentials()
            let worker = try Worker(settings)
            worker.logStart()
            worker.warn(ofExposed: Confidentiality.exposedFiles(source, configFile: self.common.config))
            try await worker.run()
        }
    }

    /// Until a worker listens to signals itself nothing was taken, so there is nothing to finish. Where the process is a
    /// container's first, one that nobody handles would be ignored.
    private static func endAtOnceWhenAsked() {
        for number in [SIGTERM, SIGINT] { signal(number) { _ in _exit(0) } }
    }
}
