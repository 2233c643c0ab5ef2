import Foundation
import Testing

/// The handlers over a world in memory, stopped before and after every effect.
///
/// `CRASH_TEST_SEEDS=n` runs n random cases, from `CRASH_TEST_SEED` on; `CRASH_TEST_CASE` runs the one case that a failure
/// printed.
@Suite("Requests, whatever crashes", .serialized)
struct CrashTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let replays = Self.environment["CRASH_TEST_CASE"]

    @Test("keep every promise alone", .enabled(if: Self.replays == nil))
    func single() async throws {
        try await Self.exhaust("single requests, a fault", Scenario.singles, faults: 1, switches: 0)
        try await Self.exhaust("single requests, two faults", Scenario.likelySingles, faults: 2, switches: 0)
        let unnamed = Scenario.singles.map(\.unnamed)
        try await Self.exhaust("single requests without an id, a fault", unnamed, faults: 1, switches: 0)
        let late = Scenario.likelySingles.map(\.late)
        try await Self.exhaust("single requests, delivered often, two faults", late, faults: 2, switches: 0)
    }

    @Test("keep every promise in pairs", .enabled(if: Self.replays == nil))
    func pairs() async throws {
        try await Self.exhaust("pairs, a switch", Scenario.pairs, faults: 0, switches: 1)
        let unnamed = Scenario.likelyPairs.map(\.unnamed)
        try await Self.exhaust("pairs without ids, a fault", unnamed, faults: 1, switches: 0)
        try await Self.exhaust("pairs, three switches", Scenario.likelyPairs, faults: 0, switches: 3)
        try await Self.exhaust("pairs, a fault", Scenario.likelyPairs, faults: 1, switches: 0)
    }

    private static func exhaust(_ what: String, _ scenarios: [Scenario], faults: Int, switches: Int) async throws {
        var search = CrashSearch()
        defer { search.printCount(what) }
        for scenario in scenarios {
            try await search.exhaust(scenario, CrashRun.Bounds(faults: faults, switches: switches))
        }
    }

    @Test("keep every promise in random cases", .enabled(if: Self.replays == nil))
    func random() async throws {
        let seed = Self.environment["CRASH_TEST_SEED"].flatMap(UInt64.init) ?? 1
        let seeds = Self.environment["CRASH_TEST_SEEDS"].flatMap(UInt64.init) ?? 1500
        var search = CrashSearch()
        defer { search.printCount("random, from seed \(seed)") }
        for seed in seed..<(seed + seeds) {
            var random = CrashRandom(seed: seed)
            var scenario = Scenario.random(using: &random)
            scenario.isUnnamed = seed.isMultiple(of: 3)
            let bounds = CrashRun.Bounds(faults: 3, switches: 1000)
            try await search.check(scenario, bounds, Choices(random: random))
        }
    }

    @Test("keep every promise in the case to replay", .enabled(if: Self.replays != nil))
    func replay() async throws {
        var search = CrashSearch()
        try await search.replay(try #require(Self.replays))
    }
}
