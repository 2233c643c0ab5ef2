import Testing

@testable import Uploads

@Suite("File and user ids")
struct IdentifierTests {
    @Test(
        "take 1 to their maximum of the alphabet",
        arguments: [
            "a", "A", "0", "...", ".a", "a.", "-", "_", "~", "0b8ac2c1-5d0f-4a4b-9c0e-6f7d1c1f2a3b",
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.~",
        ]
    )
    func accept(text: String) throws {
        #expect(try FileID(parsing: text).rawValue == text)
        #expect(try UserID(parsing: text).rawValue == text)
    }

    @Test(
        "refuse everything else",
        arguments: [
            "", ".", "..", "a/b", "a b", " a", "a\n", "a\0", "é", "a+b", "a%2F", "a\\b", "a:b", "a@b", "{", "e\u{301}",
            "ａ", "a*", "a,b", "a;b", "a?b", "a#b",
        ]
    )
    func refuse(text: String) {
        #expect(throws: UploadFailure.invalidFileID(found: .text(text))) { try FileID(parsing: text) }
        #expect(throws: UploadFailure.invalidUserID(found: .text(text))) { try UserID(parsing: text) }
    }

    @Test("count characters: one below the limit, at it, one above")
    func limits() throws {
        for length in [127, 128] {
            #expect(try FileID(parsing: String(repeating: "x", count: length)).rawValue.count == length)
        }
        #expect(throws: UploadFailure.self) { try FileID(parsing: String(repeating: "x", count: 129)) }
        for length in [63, 64] {
            #expect(try UserID(parsing: String(repeating: "x", count: length)).rawValue.count == length)
        }
        #expect(throws: UploadFailure.self) { try UserID(parsing: String(repeating: "x", count: 65)) }
    }

    @Test("read an integer user id as its digits", arguments: [0, 1, 42, Int64.max])
    func integers(number: Int64) throws {
        #expect(try UserID(parsing: number).rawValue == "\(number)")
    }

    @Test("refuse a negative user id", arguments: [-1, Int64.min])
    func negatives(number: Int64) {
        #expect(throws: UploadFailure.self) { try UserID(parsing: number) }
    }
}
