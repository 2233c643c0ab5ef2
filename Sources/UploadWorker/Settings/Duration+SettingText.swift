/// Durations as settings write them: a whole number and `ms`, `s`, `m`, `h` or `d`.
extension Duration {
    private static let units: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    init?(settingText text: String) {
        guard let unit = Self.units.first(where: { text.hasSuffix($0.suffix) }) else { return nil }
        let digits = text.dropLast(unit.suffix.count)
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(digits) else {
            return nil
        }
        let (milliseconds, overflow) = number.multipliedReportingOverflow(by: unit.milliseconds)
        guard !overflow, milliseconds < .max / 1000 else { return nil }
        self = .milliseconds(milliseconds)
    }

    /// The shortest form that a setting could hold, for messages.
    var settingText: String {
        let milliseconds = self.inMilliseconds
        for unit in Self.units.reversed() where milliseconds >= unit.milliseconds {
            if milliseconds.isMultiple(of: unit.milliseconds) {
                return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
            }
        }
        return "\(milliseconds)ms"
    }

    var inMilliseconds: Int64 {
        self.components.seconds * 1000 + self.components.attoseconds / 1_000_000_000_000_000
    }

    var inSeconds: Double { Double(self.inMilliseconds) / 1000 }
}
