import Synchronization

/// A count that only grows, one for each combination of its labels' values.
///
/// Values that strangers choose do not make the page grow without end: beyond `limit` combinations, `other` stands for the
/// last label.
final class Counter: Metric {
    static let limit = 200

    let name: String
    private let help: String
    private let labels: [String]
    private let counts: Mutex<[[String]: Double]>

    /// - Parameter known: combinations that are shown from the start, at 0, so that rates have a beginning.
    init(_ name: String, _ help: String, labels: [String] = [], known: [[String]] = []) {
        self.name = name
        self.help = help
        self.labels = labels
        self.counts = Mutex(Dictionary(uniqueKeysWithValues: (labels.isEmpty ? [[]] : known).map { ($0, 0) }))
    }

    func add(_ values: [String] = [], _ amount: Double = 1) {
        self.counts.withLock { counts in
            let isNew = counts[values] == nil && counts.count >= Self.limit
            counts[isNew ? values.dropLast() + ["other"] : values, default: 0] += amount
        }
    }

    func write(to page: inout MetricsPage) {
        page.begin(self.name, .counter, self.help)
        let counts = self.counts.withLock { $0 }
        for (values, count) in counts.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            page.sample(self.name, Array(zip(self.labels, values)).map { (name: $0, value: $1) }, count)
        }
    }
}
