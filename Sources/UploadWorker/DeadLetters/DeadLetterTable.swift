import Uploads

/// Lines for a person, each as wide as the terminal at most; off a terminal nothing is cut.
struct DeadLetterTable: Sendable {
    private let table: TextTable

    init() { self.init(width: TextTable.terminalWidth) }

    init(width: Int?) { self.table = TextTable(widths: [6, 36, 20, 20, 8, 24, 20], width: width) }

    var header: String {
        self.line(["POS", "MESSAGE ID", "QUEUE", "CODE", "ATTEMPTS", "FILE", "LAST FAILED"])
    }

    func line(_ letter: DeadLetterSummary) -> String {
        self.line([
            "\(letter.position)", letter.messageID ?? "-", letter.account.queue ?? "-", letter.account.code ?? "-",
            letter.account.attempts.map(String.init) ?? "-", letter.fileID ?? "-", letter.account.lastFailedAt ?? "-",
        ])
    }

    func line(_ cells: [String]) -> String { self.table.line(cells) }

    static func printable(_ text: String) -> String { TextTable.printable(text) }
}
