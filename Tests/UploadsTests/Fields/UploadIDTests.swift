import Testing

@testable import Uploads

@Suite("Upload ids")
struct UploadIDTests {
    @Test("take 1 to 1024 characters, whatever they are", arguments: ["x", "é", "🎞", "\0"])
    func limits(character: String) throws {
        for length in [1, 1023, 1024] {
            let text = String(repeating: character, count: length)
            #expect(try UploadID(parsing: text).rawValue == text)
        }
        for text in ["", String(repeating: character, count: 1025)] {
            #expect(throws: UploadFailure.invalidUploadID(found: .text(text))) { try UploadID(parsing: text) }
        }
    }

    @Test("differ where their bytes do, though Unicode calls them equal")
    func bytes() throws {
        let composed = try UploadID(parsing: "\u{E9}")
        let decomposed = try UploadID(parsing: "e\u{301}")
        #expect(composed.rawValue == decomposed.rawValue)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(Set([composed, try UploadID(parsing: "\u{E9}")]).count == 1)
    }
}
