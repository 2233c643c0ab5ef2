import Testing

@testable import Uploads

@Suite("ETags")
struct ETagTests {
    @Test(
        "lose one pair of quotes",
        arguments: [
            ("abc", "abc"), ("\"abc\"", "abc"), ("!", "!"), ("~", "~"), ("a-3", "a-3"), ("'a'", "'a'"), ("W/x", "W/x"),
        ]
    )
    func accepted(text: String, bare: String) throws {
        #expect(try ETag(parsing: text).rawValue == bare)
    }

    @Test(
        "refuse what is not visible ASCII, and any other quote",
        arguments: [
            "", "\"", "\"\"", "\"a", "a\"", "\"\"a\"\"", "a\"b", "W/\"a\"", "a b", " a", "a\n", "\"a\"\n", "é",
            "a\u{7F}",
            "a\0", "\"\u{301}a\"", "\"a\"\u{301}", "\"\"\"",
        ]
    )
    func refused(text: String) {
        #expect(throws: UploadFailure.self) { try ETag(parsing: text) }
    }

    @Test("count characters without the quotes: one below the limit, at it, one above")
    func limits() throws {
        for length in [1, 255, 256] {
            let bare = String(repeating: "e", count: length)
            #expect(try ETag(parsing: bare).rawValue == bare)
            #expect(try ETag(parsing: "\"\(bare)\"").rawValue == bare)
        }
        let long = String(repeating: "e", count: 257)
        #expect(throws: UploadFailure.self) { try ETag(parsing: long) }
        #expect(throws: UploadFailure.self) { try ETag(parsing: "\"\(long)\"") }
    }
}
