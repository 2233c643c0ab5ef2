import Glibc

/// Times work by the processor time that it takes: several rounds, after one to warm up, and their median.
struct Stopwatch {
    let rounds: Int

    func perCall(calls: Int, _ work: () throws -> some Any) rethrows -> Duration {
        let times = try (0...self.rounds).map { _ in
            let begin = Self.processorTime()
            for _ in 0..<calls { keep(try work()) }
            return Self.processorTime() - begin
        }
        return self.median(times) / calls
    }

    func perCall(calls: Int, _ work: () async throws -> some Any) async rethrows -> Duration {
        var times: [Duration] = []
        for _ in 0...self.rounds {
            let begin = Self.processorTime()
            for _ in 0..<calls { keep(try await work()) }
            times.append(Self.processorTime() - begin)
        }
        return self.median(times) / calls
    }

    private func median(_ times: [Duration]) -> Duration {
        times.dropFirst().sorted()[self.rounds / 2]
    }

    /// Of all threads: an `async` call may come back on another one.
    private static func processorTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}

/// Keeps the optimizer from dropping what nobody uses.
@inline(never)
private func keep(_: some Any) {}
