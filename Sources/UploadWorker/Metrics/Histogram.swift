import Synchronization

/// How a quantity is spread, one histogram for each value of its label.
final class Histogram: Metric {
    private struct Spread {
        var counts: [Double]
        var sum = 0.0
    }

    /// From a millisecond to a minute.
    static let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

    let name: String
    private let help: String
    private let label: String?
    /// Upper bounds, rising.
    private let bounds: [Double]
    private let spreads: Mutex<[String: Spread]>

    init(_ name: String, _ help: String, label: String? = nil, bounds: [Double] = Histogram.seconds) {
        self.name = name
        self.help = help
        self.label = label
        self.bounds = bounds
        let empty = Spread(counts: Array(repeating: 0, count: bounds.count + 1))
        self.spreads = Mutex(label == nil ? ["": empty] : [:])
    }

    func observe(_ value: Double, _ labelValue: String = "") {
        let index = self.bounds.firstIndex { value <= $0 } ?? self.bounds.count
        self.spreads.withLock { spreads in
            let empty = Spread(counts: Array(repeating: 0, count: self.bounds.count + 1))
            spreads[labelValue, default: empty].counts[index] += 1
            spreads[labelValue, default: empty].sum += value
        }
    }

    func observe(_ duration: Duration, _ labelValue: String = "") {
        self.observe(duration / .seconds(1), labelValue)
    }

    func write(to page: inout MetricsPage) {
        page.begin(self.name, .histogram, self.help)
        let spreads = self.spreads.withLock { $0 }
        for (value, spread) in spreads.sorted(by: { $0.key < $1.key }) {
            self.write(spread, self.label.map { [(name: $0, value: value)] } ?? [], to: &page)
        }
    }

    private func write(_ spread: Spread, _ labels: [(name: String, value: String)], to page: inout MetricsPage) {
        var total = 0.0
        for (bound, count) in zip(self.bounds + [.infinity], spread.counts) {
            total += count
            page.sample("\(self.name)_bucket", labels + [("le", MetricsPage.number(bound))], total)
        }
        page.sample("\(self.name)_sum", labels, spread.sum)
        page.sample("\(self.name)_count", labels, total)
    }
}
