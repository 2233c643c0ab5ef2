import Testing

@testable import Uploads

@Suite("JSON parser")
struct JSONParserTests {
    static func parse(_ text: String) throws(JSONFault) -> JSONValue {
        try JSONParser.parse(Array(text.utf8))
    }

    @Test(
        "reads values",
        arguments: [
            ("null", .null), ("true", .bool(true)), ("false", .bool(false)), ("[]", .array([])), ("\"\"", .string("")),
            (" \t\r\n[ 1 , \"a\" ]\n", .array([.number(JSONNumber(literal: Array("1".utf8)[...])), .string("a")])),
            ("[[],[null]]", .array([.array([]), .array([.null])])),
        ] as [(String, JSONValue)]
    )
    func values(text: String, value: JSONValue) throws {
        #expect(try Self.parse(text) == value)
    }

    @Test(
        "unescapes strings",
        arguments: [
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0041\u00e9\u20AC""#, "Aé€"),
            (#""\ud83c\udf9e""#, "🎞"), (#""\uD83C""#, "\u{FFFD}"), (#""\udf9e""#, "\u{FFFD}"),
            (#""\ud83cx""#, "\u{FFFD}x"), (#""\ud83c\n""#, "\u{FFFD}\n"), (#""\ud83c\ud83c\udf9e""#, "\u{FFFD}🎞"),
            (#""\ud83c\u0041""#, "\u{FFFD}A"), (#""\u0000""#, "\0"), ("\"é€🎞\u{7F}\"", "é€🎞\u{7F}"),
            (#""\ud7ff\ue000\uffff""#, "\u{D7FF}\u{E000}\u{FFFF}"), ("\"\u{D7FF}\"", "\u{D7FF}"),
            (#""\udbff\udfff\ud800\udc00""#, "\u{10FFFF}\u{10000}"),
        ]
    )
    func strings(text: String, string: String) throws {
        let read = try #require(try Self.parse(text).string)
        #expect(Array(read.utf8) == Array(string.utf8))
    }

    @Test(
        "refuses what RFC 8259 does not allow",
        arguments: [
            " ", "nul", "nullx", "True", "NaN", "Infinity", "undefined", "'a'", "[1,]", "[,1]", "[1 2]", "[1", "]", "{",
            "{}}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{a:1}", "{1:1}", "{\"a\":1 \"b\":2}", "{\"a\"::1}",
            "1 2", "{} {}", "{}x", "{}\0", "\0", "/**/1", "1//", "01", "-", "+1", "1.", ".5", "1.e1", "1e", "1e+",
            "0x10",
            "1_000", "-01", "--1", "1e1.5", "\"a", "\"", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\u+123\"",
            "\"\\U0041\"", "\"\\ud83c\\u00\"", "\"\n\"", "\"\t\"", "\"\u{1F}\"", "\"\0\"", "\u{FEFF}{}", "\u{A0}1",
            "\u{B}1",
            "\u{C}1", "١", "[1}", "{\"a\":1]",
        ]
    )
    func refuses(text: String) {
        #expect(throws: JSONFault.self) { try Self.parse(text) }
    }

    @Test("names the fault and its place")
    func faults() {
        #expect(throws: JSONFault.empty) { try Self.parse("") }
        #expect(throws: JSONFault.byteOrderMark) { try Self.parse("\u{FEFF}{}") }
        #expect(throws: JSONFault.unexpected(expected: "a value", offset: 6)) { try Self.parse("{\"a\": }") }
        #expect(throws: JSONFault.unexpected(expected: "the end", offset: 3)) { try Self.parse("{} x") }
        #expect(throws: JSONFault.duplicateName("a")) { try Self.parse("{\"a\":1,\"a\":2}") }
    }

    @Test(
        "refuses strings that are not UTF-8",
        arguments: [
            [0x80], [0xC3], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80],
            [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
            [0xFE], [0x61, 0xE9, 0x62], [0xC3, 0x28],
        ] as [[UInt8]]
    )
    func notUTF8(bytes: [UInt8]) {
        let quoted = Array("{\"a\":\"".utf8) + bytes + Array("\"}".utf8)
        #expect(throws: JSONFault.notUTF8(offset: 5)) { try JSONParser.parse(quoted) }
        let named = Array("{\"".utf8) + bytes + Array("\":1}".utf8)
        #expect(throws: JSONFault.notUTF8(offset: 1)) { try JSONParser.parse(named) }
        #expect(throws: JSONFault.self) { try JSONParser.parse(bytes) }
    }

    @Test("refuses UTF-16 and UTF-32")
    func otherEncodings() {
        let text = Array("{\"a\":1}".utf8)
        #expect(throws: JSONFault.self) { try JSONParser.parse(text.flatMap { [$0, 0] }) }
        #expect(throws: JSONFault.self) { try JSONParser.parse(text.flatMap { [0, $0] }) }
        #expect(throws: JSONFault.self) { try JSONParser.parse([0xFF, 0xFE] + text.flatMap { [$0, 0] }) }
        #expect(throws: JSONFault.self) { try JSONParser.parse(text.flatMap { [$0, 0, 0, 0] }) }
    }

    @Test("takes 16 levels, arrays and objects alike, and refuses 17")
    func depth() throws {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            func nested(_ levels: Int) -> String {
                String(repeating: open, count: levels) + "1" + String(repeating: close, count: levels)
            }
            for levels in [1, 15, 16] { #expect(throws: Never.self) { try Self.parse(nested(levels)) } }
            for levels in [17, 100_000] {
                #expect(throws: JSONFault.tooDeep(maxDepth: 16)) { try Self.parse(nested(levels)) }
            }
            #expect(throws: JSONFault.tooDeep(maxDepth: 16)) { try Self.parse(String(repeating: open, count: 100_000)) }
        }
        let siblings =
            "["
            + repeatElement(String(repeating: "[", count: 15) + String(repeating: "]", count: 15), count: 3)
            .joined(separator: ",") + "]"
        #expect(throws: Never.self) { try Self.parse(siblings) }
    }

    @Test(
        "finds a name that is there twice, as it is after unescaping",
        arguments: [
            #"{"a":1,"a":1}"#, #"{"a":1,"b":2,"\u0061":3}"#, #"{"":1,"":2}"#, #"{"x":{"a":1,"a":2}}"#,
            #"[{"é":1,"\u00e9":2}]"#, #"{"\ud83c\udf9e":1,"🎞":2}"#, #"{"a":{},"b":[],"a":null}"#,
        ]
    )
    func duplicates(text: String) {
        #expect {
            try Self.parse(text)
        } throws: { error in
            if case .duplicateName = error as? JSONFault { true } else { false }
        }
    }

    @Test(
        "takes names that only look alike, or are of different objects",
        arguments: [
            #"{"a":1,"A":2}"#, #"{"a":{"a":{"a":1}}}"#, #"[{"a":1},{"a":2}]"#, "{\"\u{E9}\":1,\"e\u{301}\":2}",
            #"{"\ud800":1,"\ud801":2,"\ufffd":3}"#, #"{"a":1,"a\u0000":2}"#,
        ]
    )
    func distinct(text: String) {
        #expect(throws: Never.self) { try Self.parse(text) }
    }

    @Test("finds a name again among few or many", arguments: [2, 15, 16, 17, 18, 5000])
    func manyNames(count: Int) throws {
        let members = (0..<count).map { "\"n\($0)\":\($0)" }
        guard case .object(let object) = try Self.parse("{\(members.joined(separator: ","))}") else {
            Issue.record("not an object")
            return
        }
        #expect(object["n0"]?.integer == 0)
        #expect(object["n\(count - 1)"]?.integer == Int64(count - 1))
        #expect(object["n"] == nil)
        for repeated in [0, count - 1] {
            let text = "{\((members + ["\"n\(repeated)\":0"]).joined(separator: ","))}"
            #expect(throws: JSONFault.duplicateName("n\(repeated)")) { try Self.parse(text) }
        }
    }
}
