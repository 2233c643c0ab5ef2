import Foundation
import Testing

@testable import Uploads

/// Compares with Foundation's parser on documents made at random, valid ones and damaged ones.
@Suite("JSON parser against Foundation's")
struct JSONAgreementTests {
    @Test("reads the same values", arguments: 0..<20)
    func values(seed: Int) throws {
        var random = RandomJSON(generator: SeededGenerator(state: UInt64(seed)), escapesPairs: true)
        for _ in 0..<50 {
            let text = random.value(depth: 5)
            let theirs = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
            let ours = try JSONParser.parse(Array(text.utf8))
            #expect(ours.agrees(with: theirs), "\(text)")
        }
    }

    @Test("accepts the same documents", arguments: 0..<20)
    func damaged(seed: Int) {
        var random = RandomJSON(generator: SeededGenerator(state: UInt64(seed)), escapesPairs: false)
        for _ in 0..<200 {
            let bytes = random.damaged(Array(random.value(depth: 3).utf8))
            let theirs = (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
            let ours = (try? JSONParser.parse(bytes)) != nil
            #expect(ours == theirs, "\(String(decoding: bytes, as: UTF8.self))")
        }
    }
}

/// Documents without what the two parsers judge differently: names twice, lone surrogates, NUL bytes, numbers that no
/// double holds.
struct RandomJSON {
    var generator: SeededGenerator
    /// Damage would leave a lone surrogate of a pair.
    let escapesPairs: Bool

    mutating func value(depth: Int) -> String {
        let space = self.pick(["", "", " ", "\n\t", "\r"])
        return space + self.bareValue(depth: depth) + space
    }

    private mutating func bareValue(depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &self.generator) {
        case 0: return self.pick(["null", "true", "false"])
        case 1, 2: return self.number()
        case 3, 4: return self.string()
        case 5: return "[\(self.list { $0.value(depth: depth - 1) })]"
        default:
            var names = 0
            let members = self.list { random in
                names += 1
                return "\(random.string(suffix: "\(names)")):\(random.value(depth: depth - 1))"
            }
            return "{\(members)}"
        }
    }

    private mutating func list(_ element: (inout RandomJSON) -> String) -> String {
        (0..<Int.random(in: 0...4, using: &self.generator)).map { _ in element(&self) }.joined(separator: ",")
    }

    private mutating func number() -> String {
        self.pick(["", "-"]) + self.pick(["0", "7", "42", "90071992547"])
            + self.pick(["", "", ".0", ".50", ".125"])
            + self.pick(["", "", "e1", "E+2", "e-1"])
    }

    private mutating func string(suffix: String = "") -> String {
        let pieces = [
            "a", "upload", "é", "🎞", "\\n", "\\\"", "\\\\", "\\/", "\\u0041",
            self.escapesPairs ? "\\ud83c\\udf9e" : "b", " ", "{", "]",
        ]
        let text = (0..<Int.random(in: 0...5, using: &self.generator)).map { _ in self.pick(pieces) }.joined()
        return "\"\(text)\(suffix)\""
    }

    /// One byte removed, doubled or replaced.
    mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let index = Int.random(in: bytes.indices, using: &self.generator)
        switch Int.random(in: 0..<3, using: &self.generator) {
        case 0: bytes.remove(at: index)
        case 1: bytes.insert(bytes[index], at: index)
        default:
            bytes[index] = self.pick(Array("{}[],:\"\\0123456789.+-tfn/ \n\u{1}\u{7F}".utf8) + [0x80, 0xC3, 0xFF])
        }
        return bytes
    }

    private mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int.random(in: choices.indices, using: &self.generator)]
    }
}

extension JSONValue {
    /// Equal to a value of Foundation's; numbers as far as a double tells.
    fileprivate func agrees(with other: Any) -> Bool {
        switch self {
        case .null: other is NSNull
        case .bool(let bool): (other as? Bool) == bool
        case .number(let number): (other as? Double) == Double(number.literal)
        case .string(let text): (other as? String).map { Array($0.utf8) } == Array(text.utf8)
        case .array(let elements):
            (other as? [Any]).map { $0.count == elements.count && zip(elements, $0).allSatisfy { $0.agrees(with: $1) } }
                ?? false
        case .object(let object):
            (other as? [String: Any])?.allSatisfy { object[$0.key]?.agrees(with: $0.value) ?? false } ?? false
        }
    }
}
