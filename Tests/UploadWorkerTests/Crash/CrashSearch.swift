import Foundation
import Testing

/// Runs cases and reports those that break a promise.
struct CrashSearch {
    private(set) var count = 0
    private let start = ContinuousClock.now

    /// Every run of the scenario within the bounds.
    mutating func exhaust(_ scenario: Scenario, _ bounds: CrashRun.Bounds) async throws {
        var next: [Int]? = []
        while let picks = next {
            let run = try await self.check(scenario, bounds, Choices(given: picks))
            next = run.state.withLock { $0.choices.successor }
        }
    }

    /// - Parameter text: as a failure printed it: the scenario, the bounds, the choices.
    mutating func replay(_ text: String) async throws {
        let fields = text.split(separator: " ").map(String.init)
        let scenario = try #require(fields.first.flatMap(Scenario.init(parsing:)), "no scenario in \(text)")
        let numbers = try #require(fields.count >= 3 ? fields[1...2].compactMap { Int($0) } : nil)
        try #require(numbers.count == 2, "no bounds in \(text)")
        let picks = fields.count > 3 ? fields[3].split(separator: ".").compactMap { Int($0) } : []
        let bounds = CrashRun.Bounds(faults: numbers[0], switches: numbers[1])
        try await self.check(scenario, bounds, Choices(given: picks))
    }

    func printCount(_ what: String) {
        print("crashes: \(what): \(self.count) cases in \(ContinuousClock.now - self.start)")
    }

    @discardableResult
    mutating func check(_ scenario: Scenario, _ bounds: CrashRun.Bounds, _ choices: Choices) async throws -> CrashRun {
        let run = CrashRun(scenario, bounds, choices, world: try scenario.world())
        await run.run()
        self.count += 1
        if self.count % 64 == 0 { await Task.yield() }
        let violations = run.state.withLock { $0.world.violations }
        try #require(violations.isEmpty, "\(run.report(violations, bounds))")
        return run
    }
}

extension CrashRun {
    func report(_ violations: [String], _ bounds: Bounds) -> String {
        let (picks, trace) = self.state.withLock { state in (state.choices.picks, state.trace) }
        let steps = trace.map { entry in
            let who = entry.seat.delivery.map { "delivery \($0)" } ?? "sweep"
            let fault = entry.fault == .none ? "" : " \(entry.fault)"
            return "  process \(entry.seat.process), \(who): \(entry.effect)\(fault)"
        }
        let text = picks.map(String.init).joined(separator: ".")
        return """
            \(violations.joined(separator: "\n"))
            \(steps.joined(separator: "\n"))
            replay: CRASH_TEST_CASE='\(self.scenario) \(bounds.faults) \(bounds.switches) \(text)'
            """
    }
}
