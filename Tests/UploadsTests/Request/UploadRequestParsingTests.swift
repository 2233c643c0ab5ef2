import Testing

@testable import Uploads

@Suite("Any request")
struct UploadRequestParsingTests {
    static let ids = #""file_id":"a.png","user_id":42,"upload_id":"U1""#

    @Test(
        "to resume or abort is its three ids; fields of others are unknown to it",
        arguments: ["", #","part_count":"x""#]
    )
    func resumeAndAbort(more: String) throws {
        let body = "{\(Self.ids)\(more)}"
        let file = try Fixture.file()
        let uploadID = try UploadID(parsing: "U1")
        let resume = try request(body, .resume)
        #expect(resume == .resume(ResumeRequest(file: file, uploadID: uploadID)))
        #expect(resume.kind == .resume && resume.file == file && resume.uploadID == uploadID)
        let abort = try request(body, .abort)
        #expect(abort == .abort(AbortRequest(file: file, uploadID: uploadID)))
        #expect(abort.kind == .abort && abort.file == file && abort.uploadID == uploadID)
    }

    @Test("to resume or abort is refused without an upload id", arguments: [RequestKind.resume, .abort])
    func noUploadID(kind: RequestKind) throws {
        #expect(try refusal(of: #"{"file_id":"a","user_id":1}"#, kind).failure.code == .invalidUploadID)
        #expect(try refusal(of: #"{"upload_id":"U"}"#, kind).failure.code == .invalidFileID)
    }

    @Test("is malformed unless it is one JSON object", arguments: RequestKind.allCases)
    func malformed(kind: RequestKind) throws {
        let bodies = [
            "", " ", "x", "[]", "null", "1", "\"{}\"", "{", "{}{}", "{\"a\":1,\"a\":2}", "\u{FEFF}{}", "{\"a\":NaN}",
            String(repeating: "[", count: 60_000), "{\"a\":\(String(repeating: "[", count: 16))",
        ]
        for body in bodies {
            let refusal = try refusal(of: body, kind)
            #expect(refusal.failure.code == .malformedMessage)
            #expect(refusal.failure.field == nil)
            #expect(refusal.subject == RequestSubject(kind: kind))
        }
    }

    @Test("may be as large as the limit: one byte below, at it, one above")
    func size() throws {
        func body(_ size: Int) -> String {
            let start = StartRequestTests.body()
            return start + String(repeating: " ", count: size - start.utf8.count)
        }
        for size in [65535, 65536] { #expect(throws: Never.self) { try request(body(size)) } }
        #expect(try refusal(of: body(65537)).failure.code == .malformedMessage)
        let rules = UploadRules(maxMessageBytes: 100)
        #expect(throws: Never.self) { try request(body(100), rules: rules) }
        #expect(try refusal(of: body(101), rules: rules).failure.code == .malformedMessage)
    }

    @Test("over the limit is refused by its true size, its body not kept")
    func drained() {
        #expect {
            try UploadRequest(parsing: [], bodySize: 65537, kind: .start, rules: Fixture.rules)
        } throws: { error in
            let failure = (error as? RequestRefusal)?.failure
            return failure?.code == .malformedMessage && failure?.message.contains("65536") == true
        }
    }

    @Test("may say that it is of version 1", arguments: ["1", "1.0", "1e0", "10e-1"])
    func version(literal: String) throws {
        #expect(throws: Never.self) { try request("{\"version\":\(literal),\(Self.ids)}", .abort) }
    }

    @Test(
        "of another version is refused whatever its fields are, and its ids are named",
        arguments: ["2", "0", "-1", "1.5", "null", "true", "\"1\"", "[1]", "{}", "1e400", "1.0000000000000000000001"]
    )
    func otherVersions(literal: String) throws {
        let named = try refusal(of: "{\(Self.ids),\"version\":\(literal)}", .complete)
        #expect(named.failure.code == .unsupportedVersion)
        #expect(named.fileID?.rawValue == "a.png")
        #expect(named.userID?.rawValue == "42")
        #expect(named.uploadID?.rawValue == "U1")
        #expect(try refusal(of: "{\"version\":\(literal)}").failure.code == .unsupportedVersion)
    }

    @Test(
        "that is refused still names the ids that keep their rules",
        arguments: [
            (#"{"file_id":"a","user_id":1,"upload_id":7}"#, "a", "1", nil),
            (#"{"file_id":"/","user_id":1,"upload_id":"U"}"#, nil, "1", "U"),
            (#"{"file_id":"a","user_id":-1,"upload_id":"U"}"#, "a", nil, "U"),
            (#"{"file_id":null}"#, nil, nil, nil),
            (#"{"file_id":"a","user_id":"u","upload_id":"U"}"#, "a", "u", "U"),
        ] as [(String, String?, String?, String?)]
    )
    func readableIDs(body: String, fileID: String?, userID: String?, uploadID: String?) throws {
        let refusal = try refusal(of: body, .complete)
        #expect(refusal.fileID?.rawValue == fileID)
        #expect(refusal.userID?.rawValue == userID)
        #expect(refusal.uploadID?.rawValue == uploadID)
    }

    @Test("to start has no upload id, though a field be called so")
    func startHasNone() throws {
        #expect(try refusal(of: #"{"file_id":"a","upload_id":"U"}"#, .start).uploadID == nil)
    }

    @Test("is refused in words that are short and printable, whatever it holds", arguments: RequestKind.allCases)
    func shortMessages(kind: RequestKind) throws {
        let awkward = "\\u0000\\u001b[31m\\ud800é🎞\u{202E}" + String(repeating: "x", count: 50_000)
        let bodies = [
            "{\"file_id\":\"\(awkward)\"}", "{\"file_id\":\"a\",\"user_id\":\"\(awkward)\"}",
            "{\"file_id\":\"a\",\"user_id\":1\(String(repeating: "0", count: 50_000))}",
            "{\"\(awkward)\":1,\"\(awkward)\":2}", "{\"version\":\"\(awkward)\"}",
            "{\"file_id\":\"a\",\"user_id\":1,\"upload_id\":\"\(awkward)\",\"part_count\":\"\(awkward)\"}",
            "{\"file_id\":\"a\",\"user_id\":1,\"part_count\":1,\"upload_id\":\"U\",\"content_type\":\"\(awkward)\","
                + "\"parts\":[{\"part_number\":1,\"etag\":\"\(awkward)\"}]}",
        ]
        for body in bodies where kind != .resume && kind != .abort || !body.contains("etag") {
            let message = try refusal(of: body, kind).failure.message
            #expect(message.utf8.count < 500)
            #expect(message.unicodeScalars.allSatisfy { (0x20...0x7E).contains($0.value) || $0 == "…" }, "\(message)")
        }
    }
}
