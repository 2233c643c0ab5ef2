import Foundation
import Testing

@testable import Uploads

@Suite("JSON writer")
struct JSONWriterTests {
    static func written(_ text: String) -> String {
        var writer = JSONWriter(capacity: 0)
        writer.string(text)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test(
        "escapes what JSON asks for and nothing else",
        arguments: [
            ("", #""""#), ("a/b", #""a/b""#), ("a\"b", #""a\"b""#), ("a\\b", #""a\\b""#), ("\n\r\t", #""\n\r\t""#),
            ("\0\u{8}\u{1F}", #""\u0000\u0008\u001f""#), ("é🎞\u{7F}\u{2028}", "\"é🎞\u{7F}\u{2028}\""),
        ]
    )
    func escapes(text: String, json: String) {
        #expect(Self.written(text) == json)
    }

    @Test("writes every character so that Foundation and our parser read it back")
    func roundTrip() throws {
        let text = String(String.UnicodeScalarView((0...0x2FF).compactMap(Unicode.Scalar.init)))
        let json = Self.written(text)
        let theirs = try JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed) as? String
        #expect(theirs.map { Array($0.utf8) } == Array(text.utf8))
        #expect(try JSONParserTests.parse(json).string.map { Array($0.utf8) } == Array(text.utf8))
    }

    @Test("puts commas between, and only between")
    func commas() {
        var writer = JSONWriter(capacity: 0)
        writer.object { object in
            object.name("a")
            object.array([1, 2, 3]) { $0.integer($1) }
            object.name("b")
            object.array([String]()) { $0.string($1) }
            object.name("c")
            object.object {
                $0.name("d"); $0.null()
            }
            object.name("e")
            object.bool(false)
            object.name("f")
            object.array([true, false]) { writer, bool in
                writer.object {
                    $0.name("g"); $0.bool(bool)
                }
            }
        }
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == #"{"a":[1,2,3],"b":[],"c":{"d":null},"e":false,"f":[{"g":true},{"g":false}]}"#
        )
    }
}
