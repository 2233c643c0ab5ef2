/// A setting that is missing or breaks its rule; the process ends with status 78 and this one line.
struct SettingError: Error, Equatable, CustomStringConvertible {
    let name: String
    let problem: String

    /// - Parameter value: what was given; nil for a secret, which must not be shown.
    init(_ name: String, value: String? = nil, _ problem: String) {
        self.name = name
        if let value {
            let shown = value.unicodeScalars.prefix(80).map { $0.value < 0x20 ? "\u{FFFD}" : String($0) }.joined()
            self.problem = "is \"\(shown)\": \(problem)"
        } else {
            self.problem = problem
        }
    }

    var description: String { "\(name) \(problem)" }
}
