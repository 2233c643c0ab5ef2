import Synchronization

/// A quantity that goes up and down, as it was read last, one for each value of its label.
final class Gauge: Metric {
    let name: String
    private let help: String
    private let label: String
    private let values = Mutex<[String: Double]>([:])

    init(_ name: String, _ help: String, label: String) {
        self.name = name
        self.help = help
        self.label = label
    }

    /// Takes the place of all that was set before.
    func set(_ values: [String: Double]) {
        self.values.withLock { $0 = values }
    }

    func write(to page: inout MetricsPage) {
        page.begin(self.name, .gauge, self.help)
        for (value, number) in self.values.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            page.sample(self.name, [(name: self.label, value: value)], number)
        }
    }
}
