/// A setting that is missing or breaks its rule; the process ends with status 78 and this one line.
struct SettingError: Error, Equatable, CustomStringConvertible {
    let name: String
    let problem: String

    /// - Parameter value: what was given; nil for a secret, which must not be shown.
    init(_ name: String, value: String? = nil, _ problem: String) {
        self.name = Self.onOneLine(name)
        self.problem = value.map { "is \"\(Self.onOneLine($0))\": \(problem)" } ?? problem
    }

    var description: String { "\(self.name) \(self.problem)" }

    /// The beginning of a text, with what would end the line or steer a terminal replaced: names too come from a file.
    private static func onOneLine(_ text: String) -> String {
        let shown = text.unicodeScalars.prefix(256).map { scalar -> Character in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
            default: Character(scalar)
            }
        }
        return String(shown)
    }
}
