import Foundation
import Testing

@testable import S3

@Suite("Fuzzing the XML reader")
struct XMLFuzzTests {
    @Test("finds nothing") func run() async throws {
        try await FuzzRun.fromEnvironment.run(XMLFuzz.self)
    }
}

/// The input is a body. What comes of it is noted, for `expat.py` to say whether it reads the same.
enum XMLFuzz: FuzzTarget {
    static let name = "xml"
    static let deep = [
        Array(String(repeating: "<a>", count: 100_000).utf8),
        Array((String(repeating: "<a>", count: 100_000) + String(repeating: "</a>", count: 100_000)).utf8),
    ]
    static let tokens = [
        "<", ">", "/>", "</", "<a>", "</a>", "<a/>", "<a b='c'>", "<s3:a>", "<!--", "-->", "--", "<![CDATA[", "]]>",
        "<?p ",
        "?>", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<!DOCTYPE a>", "&lt;", "&amp;", "&#65;", "&#x1F642;",
        "&#0;",
        "&#xD800;", "&#x110000;", "&#xFFFFFFFFF;", "&#-1;", "&#;", "&", ";", "'", "\"", "=", " ", "\r\n", "\r", "\n",
        "\u{FEFF}",
        "é", "🙂", "<Key>", "</Key>", "<Part><PartNumber>1</PartNumber><ETag>&quot;a&quot;</ETag></Part>", "xmlns=\"u\"",
        ":",
    ].map { Array($0.utf8) }

    static func check(_ input: [UInt8]) throws(Finding) -> Bool {
        let root = try? XMLReader.read(input)
        try Finding.unless(root == (try? XMLReader.read(input)), "reading is the same twice")
        guard let root else {
            XMLVerdicts.note(input, "-")
            return false
        }
        try Finding.unless(Self.depth(of: root) <= XMLReader.maxDepth, "has no more levels than the limit")
        try Finding.unless(Self.isPlain(root), "names and texts are without what XML forbids")
        let written = Self.written(root)
        XMLVerdicts.note(input, written)
        let again = try? XMLReader.read(Array(written.utf8))
        try Finding.unless(again == root, "what was read, written out, reads the same")
        for length in Self.lastTag(of: input) {
            try Finding.unless(
                (try? XMLReader.read(Array(input[..<length]))) == nil,
                "an answer cut at \(length) is none"
            )
        }
        return true
    }

    private static func depth(of element: ResponseElement) -> Int {
        1 + (element.children.map(Self.depth).max() ?? 0)
    }

    private static func isPlain(_ element: ResponseElement) -> Bool {
        (element.name + element.text).unicodeScalars.allSatisfy { scalar in
            scalar.value >= 0x20 || ["\t", "\n", "\r"].contains(scalar)
        }
            && element.children.allSatisfy(Self.isPlain)
    }

    private static func written(_ element: ResponseElement) -> String {
        let text = element.text.unicodeScalars.map { "&#\($0.value);" }.joined()
        // With a prefix any local part makes a name.
        return "<n:\(element.name)>\(text)\(element.children.map(Self.written).joined())</n:\(element.name)>"
    }

    /// A few lengths that end before the root's last `>`.
    private static func lastTag(of input: [UInt8]) -> [Int] {
        guard let end = Self.endOfRoot(input) else { return [] }
        return [end, end - 1, end / 2].filter { $0 >= 0 }
    }

    /// Where the root's last `>` is, unless something follows that holds one too.
    private static func endOfRoot(_ input: [UInt8]) -> Int? {
        guard let last = input.lastIndex(of: UInt8(ascii: ">")), last >= 1 else { return nil }
        let before = input[last - 1]
        return before == UInt8(ascii: "-") || before == UInt8(ascii: "?") ? nil : last
    }
}

/// The file `xml.verdicts`, a line each: the input in hex, a blank, what was read in it or `-` where it was refused.
private enum XMLVerdicts {
    /// Open until the process ends; -1 without a folder.
    private static let descriptor: Int32 = {
        guard let folder = FuzzRun.fromEnvironment.folder else { return -1 }
        return open(folder.appending(path: "xml.verdicts").path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    }()

    static func note(_ input: [UInt8], _ written: String) {
        guard self.descriptor >= 0 else { return }
        let line = Array("\(input.hex) \(written)\n".utf8)
        _ = write(self.descriptor, line, line.count)
    }
}
