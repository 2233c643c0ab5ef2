import Foundation
import Testing

@testable import UploadWorker

@Suite("A check's report")
struct CheckReportTests {
    private static func report(_ statuses: [CheckResult.Status]) -> CheckReport {
        var report = CheckReport()
        report.add(statuses.map { CheckResult(name: "settings", status: $0, detail: "d", remedy: nil) })
        return report
    }

    @Test(
        "ends with the status of the worst that it found",
        arguments: [
            ([], false, 0), ([], true, 0), ([.ok], true, 0), ([.ok, .warning], false, 0), ([.warning, .ok], true, 1),
            ([.failure], false, 2), ([.failure], true, 2), ([.ok, .failure, .warning], true, 2),
            ([.warning, .failure], false, 2),
        ] as [([CheckResult.Status], Bool, Int32)]
    )
    func exitStatus(statuses: [CheckResult.Status], strict: Bool, expected: Int32) {
        #expect(Self.report(statuses).exitStatus(strict: strict) == expected)
    }

    @Test("counts what it found")
    func summary() {
        #expect(Self.report([]).summary == "0 ok, 0 warnings, 0 failures")
        #expect(Self.report([.ok, .warning, .failure, .ok]).summary == "2 ok, 1 warning, 1 failure")
    }

    @Test("has one line for each, with the way out at its end")
    func line() {
        let ok = CheckResult.ok("store.urls", "fine")
        #expect(ok.line(colored: false) == "ok       store.urls           fine")
        let warning = CheckResult.warning("store.cors", "no rules", remedy: "add one")
        #expect(warning.line(colored: false) == "warning  store.cors           no rules → add one")
        #expect(warning.line(colored: true).hasPrefix("\u{1B}[33mwarning\u{1B}[0m  store.cors"))
    }

    @Test("lets no server steer the terminal or begin a line", arguments: ["a\nok  b", "\u{1B}[2J", "\r", "\u{9B}"])
    func hostile(text: String) {
        let line = CheckResult.failure("store.bucket", text, remedy: text).line(colored: false)
        #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }

    @Test("is JSON with null for no way out")
    func json() throws {
        let result = CheckResult.ok("store.urls", "a \"b\"\n")
        #expect(result.json == #"{"name":"store.urls","status":"ok","detail":"a \"b\"\n","remedy":null}"#)
    }
}
