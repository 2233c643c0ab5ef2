/// Everything that a check found.
struct CheckReport: Equatable, Sendable {
    private(set) var results: [CheckResult] = []

    mutating func add(_ results: [CheckResult]) {
        self.results += results
    }

    /// 2 where anything fails; 1 where something is to be warned of, if that is asked for.
    func exitStatus(strict: Bool) -> Int32 {
        if self.count(.failure) > 0 { return 2 }
        return strict && self.count(.warning) > 0 ? 1 : 0
    }

    var summary: String {
        let counts = [
            "\(self.count(.ok)) ok", Self.counted(self.count(.warning), "warning"),
            Self.counted(self.count(.failure), "failure"),
        ]
        return counts.joined(separator: ", ")
    }

    private func count(_ status: CheckResult.Status) -> Int {
        self.results.count { $0.status == status }
    }

    private static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
