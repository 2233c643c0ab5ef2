import Foundation
import Uploads

/// Lines for a person, each as wide as the terminal at most; off a terminal nothing is cut.
struct DeadLetterTable: Sendable {
    private static let widths = [6, 36, 20, 20, 8, 24, 20]
    private let width: Int?

    init() {
        var size = winsize()
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let isKnown = isTerminal && ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        self.width = isTerminal ? (isKnown ? Int(size.ws_col) : 80) : nil
    }

    init(width: Int?) { self.width = width }

    var header: String {
        self.line(["POS", "MESSAGE ID", "QUEUE", "CODE", "ATTEMPTS", "FILE", "LAST FAILED"])
    }

    func line(_ letter: DeadLetterSummary) -> String {
        self.line([
            "\(letter.position)", letter.messageID ?? "-", letter.account.queue ?? "-", letter.account.code ?? "-",
            letter.account.attempts.map(String.init) ?? "-", letter.fileID ?? "-", letter.account.lastFailedAt ?? "-",
        ])
    }

    func line(_ cells: [String]) -> String {
        let texts = cells.map(Self.printable)
        guard let width else {
            return zip(texts, Self.widths).map { $0.0.padded(to: $0.1) }.joined(separator: "  ").trimmed
        }
        let share = max(
            0.2,
            Double(width - 2 * (cells.count - 1)) / Double(Self.widths.prefix(cells.count).reduce(0, +))
        )
        let line = zip(texts, Self.widths).map { text, wanted in
            let room = min(wanted, max(3, Int(Double(wanted) * share)))
            return (text.count > room ? text.prefix(room - 1) + "…" : text).padded(to: room)
        }.joined(separator: "  ")
        return String(line.prefix(width)).trimmed
    }

    /// Whatever a message holds must not steer the terminal.
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
    fileprivate func padded(to width: Int) -> String {
        String(self) + String(repeating: " ", count: Swift.max(0, width - self.count))
    }
}
