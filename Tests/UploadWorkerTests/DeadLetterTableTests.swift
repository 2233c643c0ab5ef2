import AMQP
import Foundation
import Testing
import Uploads

@testable import UploadWorker

@Suite("The table of dead letters")
struct DeadLetterTableTests {
    private static let cells = [
        "12", "m-1", "uploads.start", "storage_unavailable", "5", "holiday-1", "2026-01-01T00:00:00Z",
    ]

    @Test("cuts nothing off a terminal, and ends no line with spaces")
    func plain() {
        let id = String(repeating: "i", count: 50)
        let line = DeadLetterTable(width: nil).line(["1", id, "q", "c", "-", "-", "-"])
        #expect(line.contains(id))
        #expect(line.hasSuffix("-"))
        #expect(
            DeadLetterTable(width: nil).line(["1", "m", "q"]) == "1       m" + String(repeating: " ", count: 37) + "q"
        )
    }

    @Test("is no wider than the terminal", arguments: [1, 10, 39, 40, 80, 120, 200, 500])
    func width(width: Int) {
        let table = DeadLetterTable(width: width)
        #expect(table.line(Self.cells).count <= width)
        #expect(table.header.count <= width)
    }

    @Test("shows where it cut, and keeps the columns in line")
    func cut() throws {
        let table = DeadLetterTable(width: 80)
        let line = table.line(["1", String(repeating: "x", count: 99), "uploads.start", "c", "5", "f", "t"])
        #expect(line.contains("x…  "))
        let column = try #require(table.header.range(of: "QUEUE")).lowerBound
        let indent = table.header.distance(from: table.header.startIndex, to: column)
        #expect(line.dropFirst(indent).hasPrefix("uploads"))
    }

    @Test(
        "lets no message steer the terminal",
        arguments: ["\u{1B}[2J", "a\nb", "\r", "\u{7}", "\u{202E}", "\u{9B}", "\u{2028}"]
    )
    func hostile(text: String) {
        let printed = DeadLetterTable.printable(text)
        #expect(printed.contains("\u{FFFD}"))
        #expect(printed.unicodeScalars.count == text.unicodeScalars.count)
        #expect(!printed.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }

    @Test("leaves other text as it is", arguments: ["plain", "Größe", "日本", "🎬", ""])
    func harmless(text: String) {
        #expect(DeadLetterTable.printable(text) == text)
    }

    @Test("names what is unknown with a dash")
    func unknown() {
        let delivery = Delivery(queue: "uploads.dead", body: Array("no JSON".utf8))
        let letter = DeadLetterSummary(
            delivery,
            position: 7,
            names: TopologyNames(prefix: "uploads"),
            rules: UploadRules()
        )
        let words = DeadLetterTable(width: nil).line(letter).split(separator: " ")
        #expect(words == ["7", "-", "-", "-", "-", "-", "-"])
    }
}
