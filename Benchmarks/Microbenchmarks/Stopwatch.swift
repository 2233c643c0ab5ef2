/// Times work by the clock, several rounds of it after one to warm up, and takes the median.
struct Stopwatch {
    let rounds: Int

    func perCall(calls: Int, _ work: () throws -> some Any) rethrows -> Duration {
        let times = try (0...self.rounds).map { _ in
            try ContinuousClock().measure {
                for _ in 0..<calls { keep(try work()) }
            }
        }
        return self.median(times) / calls
    }

    func perCall(calls: Int, _ work: () async throws -> some Any) async rethrows -> Duration {
        var times: [Duration] = []
        for _ in 0...self.rounds {
            let time = try await ContinuousClock().measure {
                for _ in 0..<calls { keep(try await work()) }
            }
            times.append(time)
        }
        return self.median(times) / calls
    }

    private func median(_ times: [Duration]) -> Duration {
        times.dropFirst().sorted()[self.rounds / 2]
    }
}

/// Keeps the optimizer from dropping what nobody uses.
@inline(never)
private func keep(_: some Any) {}
