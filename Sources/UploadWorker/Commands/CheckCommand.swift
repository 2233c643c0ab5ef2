import ArgumentParser
import Foundation
import Uploads

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say whether this set-up works, and what to do where it does not.",
        discussion: """
            Looks at the settings, the broker, the store and the session database as upload-worker run would use them; one \
            line each, ok, warning or failure with the way out. Nothing is left behind: an upload that it opens under a key \
            of its own is aborted, nothing is declared or published on the broker, and the session database is only read.

            Each part has a time limit of its own, and none hides the others.

            Exit status: 0 no failure; 1 a warning, with --strict; 2 a failure.

              upload-worker check
              upload-worker check --strict --format json
            """
    )

    @Option(help: "Print for a person (table) or one JSON object a line (json): name, status, detail, remedy.")
    var format: TableOrJSON = .table

    @Flag(help: "End with status 1 where there is a warning.")
    var strict = false

    @Option(help: ArgumentHelp("How long each look may take, for example 10s.", valueName: "duration"))
    var timeout: String = "10s"

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard let limit = Duration(settingText: self.timeout), limit > .zero else {
            throw ValidationError("--timeout must be a whole number followed by ms, s, m, h or d, and more than 0")
        }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            let source = try self.common.source()
            try await untilInterrupted { try await self.check(source) }
        }
    }

    private func check(_ source: SettingsSource) async throws {
        let settings = SettingsCheck(source)
        async let broker = self.broker(settings)
        async let store = self.store(settings)
        async let database = self.database(settings)
        var report = CheckReport()
        var output = CommandOutput()
        try self.show(settings.results, in: &report, to: &output)
        try self.show(await broker, in: &report, to: &output)
        try self.show(await store, in: &report, to: &output)
        try self.show(await database, in: &report, to: &output)
        if self.format == .table { try output.line(report.summary) }
        try output.flush()
        let status = report.exitStatus(strict: self.strict)
        if status != 0 { throw ExitCode(status) }
    }

    private func show(
        _ results: [CheckResult],
        in report: inout CheckReport,
        to output: inout CommandOutput
    ) throws {
        for result in results {
            try output.line(self.format == .json ? result.json : result.line(colored: Self.isColorful))
        }
        try output.flush()
        report.add(results)
    }

    private var limit: Duration { Duration(settingText: self.timeout) ?? .seconds(10) }

    private func broker(_ settings: SettingsCheck) async -> [CheckResult] {
        guard let broker = settings.broker else { return [] }
        let retries = settings.retry?.schedule ?? RetrySchedule(milliseconds: [])
        let replyExchange = settings.resultSettings?.replyExchange ?? ""
        return await BrokerCheck(settings: broker, retries: retries, replyExchange: replyExchange, limit: self.limit)
            .run()
    }

    private func store(_ settings: SettingsCheck) async -> [CheckResult] {
        guard let store = settings.store, let sessions = settings.sessions else { return [] }
        let rules = settings.rules ?? UploadRules()
        return await StoreCheck(settings: store, rules: rules, sessions: sessions, limit: self.limit).run()
    }

    private func database(_ settings: SettingsCheck) async -> [CheckResult] {
        guard let sessions = settings.sessions else { return [] }
        switch sessions.database {
        case .sqlite(let path): return await DatabaseCheck(path: path, limit: self.limit).run()
        #if PostgreSQL
            case .postgres(let url): return await PostgresCheck(url: url, limit: self.limit).run()
        #endif
        }
    }

    /// https://no-color.org
    private static var isColorful: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isatty(STDOUT_FILENO) == 1 && environment["NO_COLOR", default: ""].isEmpty
            && environment["TERM"] != "dumb"
    }
}
