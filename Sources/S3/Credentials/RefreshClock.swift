internal import FoundationEssentials

/// Time and chance as the renewal of credentials knows them.
struct RefreshClock: Sendable {
    var now: @Sendable () -> Date = { Date() }
    var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    /// From 0 up to 1.
    var random: @Sendable () -> Double = { .random(in: 0..<1) }
}
