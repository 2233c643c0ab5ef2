import Glibc

/// What the worker does to every request without waiting for anyone, measured alone on one core.
///
/// Prints medians; without `-c release` they mean nothing.
@main
struct Microbenchmarks {
    static func main() async {
        let stopwatch = Stopwatch(rounds: 9)
        do {
            try Self.read(stopwatch)
            try Self.write(stopwatch)
            try await Self.presign(stopwatch)
        } catch {
            print("failed: \(error)")
            exit(EXIT_FAILURE)
        }
    }

    private static func presign(_ stopwatch: Stopwatch) async throws {
        let presigning = Presigning()
        let fast = try await stopwatch.perCall(calls: 2_000) { try await presigning.urls(parts: 20) } / 20
        let few = try await stopwatch.perCall(calls: 5_000) { try await presigning.urls(parts: 3) } / 3
        let naive = stopwatch.perCall(calls: 50) { presigning.naiveURLs(parts: 20) } / 20
        show("presign, a URL of 20", fast, goal: .microseconds(2))
        show("presign, a URL of 3", few)
        show("presign, a URL of 20, naive signer", naive)
        print("    naive / ours: \(rounded(naive / fast))")
    }

    private static func read(_ stopwatch: Stopwatch) throws {
        let messages = Messages()
        show("read a start request", try stopwatch.perCall(calls: 20_000) { try messages.readStart() })
        show("read a complete request of 20 parts", try stopwatch.perCall(calls: 5_000) { try messages.readComplete() })
    }

    private static func write(_ stopwatch: Stopwatch) throws {
        let result = try Messages().started(parts: 20)
        let time = stopwatch.perCall(calls: 10_000) { result.json() }
        show("write a result with 20 URLs", time, goal: .microseconds(8))
    }

    private static func show(_ name: String, _ time: Duration, goal: Duration? = nil) {
        let perSecond = Int(.seconds(1) / time)
        let padding = String(repeating: " ", count: max(1, 40 - name.count))
        let aim = goal.map { ", goal ≤ \(rounded($0 / .microseconds(1))) µs (\(rounded(time / $0)) of it)" } ?? ""
        print("\(name)\(padding)\(rounded(time / .microseconds(1))) µs, \(perSecond) a second\(aim)")
    }

    private static func rounded(_ number: Double) -> Double { (number * 100).rounded() / 100 }
}
