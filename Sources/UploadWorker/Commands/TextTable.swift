import Foundation

/// Lines of columns for a person, each as wide as the terminal at most; off a terminal nothing is cut.
struct TextTable: Sendable {
    private let widths: [Int]
    private let width: Int?

    /// - Parameters:
    ///   - widths: what the columns want.
    ///   - width: the terminal's, or nil where there is none.
    init(widths: [Int], width: Int?) {
        self.widths = widths
        self.width = width
    }

    /// That of standard output; nil off a terminal.
    static var terminalWidth: Int? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var size = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        return isKnown ? Int(size.ws_col) : 80
    }

    func line(_ cells: [String]) -> String {
        let texts = cells.map(Self.printable)
        guard let width else {
            return zip(texts, self.widths).map { $0.0.padded(to: $0.1) }.joined(separator: "  ").trimmed
        }
        let share = max(
            0.2,
            Double(width - 2 * (cells.count - 1)) / Double(self.widths.prefix(cells.count).reduce(0, +))
        )
        let line = zip(texts, self.widths).map { text, wanted in
            let room = min(wanted, max(3, Int(Double(wanted) * share)))
            return (text.count > room ? text.prefix(room - 1) + "…" : text).padded(to: room)
        }.joined(separator: "  ")
        return String(line.prefix(width)).trimmed
    }

    /// Whatever a message or a server says must not steer the terminal.
    static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map {
                    switch $0.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: "\u{FFFD}"
                    default: $0
                    }
                }
            )
        )
    }
}

extension StringProtocol {
    func padded(to width: Int) -> String {
        String(self) + String(repeating: " ", count: Swift.max(0, width - self.count))
    }
}
