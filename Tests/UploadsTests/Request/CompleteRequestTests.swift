import Testing

@testable import Uploads

@Suite("A complete request")
struct CompleteRequestTests {
    static func body(partCount: String? = nil, uploadID: String? = #""U1""#, parts: String?) -> String {
        let fields = [("part_count", partCount), ("upload_id", uploadID), ("parts", parts)]
        let more = fields.compactMap { name, value in value.map { ",\"\(name)\":\($0)" } }.joined()
        return #"{"file_id":"a.png","user_id":42\#(more)}"#
    }

    static func part(_ number: Int) -> String { #"{"part_number":\#(number),"etag":"e\#(number)"}"# }

    static let two = "[\(part(1)),\(part(2))]"

    @Test(
        "names every part once, in any order",
        arguments: [
            two, "[\(part(2)),\(part(1))]", #"[{"etag":"\"e2\"","part_number":2.0,"size":5},\#(part(1))]"#,
        ]
    )
    func accepted(parts: String) throws {
        let expected = CompleteRequest(
            file: try Fixture.file(),
            uploadID: try UploadID(parsing: "U1"),
            parts: try Fixture.parts(2)
        )
        let request = try request(Self.body(parts: parts), .complete)
        #expect(request == .complete(expected))
        #expect(request.kind == .complete)
        #expect(request.file == expected.file)
        #expect(request.uploadID == expected.uploadID)
    }

    @Test("may repeat the number of parts", arguments: ["2", "2.0", "null"])
    func partCount(literal: String) throws {
        #expect(throws: Never.self) { try request(Self.body(partCount: literal, parts: Self.two), .complete) }
    }

    @Test("may be of more parts than a start may ask for: an adopted upload has what it has")
    func manyParts() throws {
        let parts = "[\((1...21).reversed().map(Self.part).joined(separator: ","))]"
        guard case .complete(let complete) = try request(Self.body(parts: parts), .complete) else { throw Accepted() }
        #expect(complete.parts == (try Fixture.parts(21)))
    }

    @Test("takes as many parts as S3 does: one below, at the limit, one above", arguments: [9999, 10_000, 10_001])
    func mostParts(count: Int) throws {
        let body = Self.body(parts: "[\((1...count).map(Self.part).joined(separator: ","))]")
        let rules = UploadRules(maxMessageBytes: 1_000_000)
        if count <= 10_000 {
            #expect(throws: Never.self) { try request(body, .complete, rules: rules) }
        } else {
            #expect(try refusal(of: body, .complete, rules: rules).failure.code == .invalidParts)
        }
    }

    @Test(
        "is refused for the first field that breaks its rule",
        arguments: [
            (body(partCount: "3", parts: two), .invalidPartCount),
            (body(partCount: "1", parts: two), .invalidPartCount),
            (body(partCount: #""2""#, parts: two), .invalidPartCount),
            (body(partCount: "true", parts: two), .invalidPartCount),
            (body(partCount: "2.5", parts: two), .invalidPartCount),
            (body(partCount: "[]", parts: nil), .invalidPartCount),
            (body(partCount: "3", uploadID: "1", parts: two), .invalidPartCount),
            (body(partCount: "3", parts: "{}"), .invalidParts), (body(partCount: "0", parts: "[]"), .invalidParts),
            (body(uploadID: nil, parts: two), .invalidUploadID), (body(uploadID: "null", parts: two), .invalidUploadID),
            (body(uploadID: "1", parts: two), .invalidUploadID), (body(uploadID: #""""#, parts: "1"), .invalidUploadID),
            (body(parts: nil), .invalidParts), (body(parts: "null"), .invalidParts), (body(parts: "[]"), .invalidParts),
            (body(parts: "{}"), .invalidParts), (body(parts: #""2""#), .invalidParts),
            (body(parts: "2"), .invalidParts),
            (body(parts: "[\(part(2))]"), .invalidParts), (body(parts: "[\(part(1)),\(part(1))]"), .invalidParts),
            (body(parts: "[\(part(1)),\(part(3))]"), .invalidParts), (body(parts: "[\(part(0))]"), .invalidParts),
            (body(parts: "[\(part(-1))]"), .invalidParts), (body(parts: "[1]"), .invalidParts),
            (body(parts: "[null]"), .invalidParts), (body(parts: "[[]]"), .invalidParts),
            (body(parts: "[{}]"), .invalidParts),
            (body(parts: #"[{"part_number":1}]"#), .invalidParts), (body(parts: #"[{"etag":"e"}]"#), .invalidParts),
            (body(parts: #"[{"part_number":"1","etag":"e"}]"#), .invalidParts),
            (body(parts: #"[{"part_number":1.5,"etag":"e"}]"#), .invalidParts),
            (body(parts: #"[{"part_number":true,"etag":"e"}]"#), .invalidParts),
            (body(parts: #"[{"part_number":9223372036854775808,"etag":"e"}]"#), .invalidParts),
            (body(parts: #"[{"part_number":1,"etag":null}]"#), .invalidParts),
            (body(parts: #"[{"part_number":1,"etag":7}]"#), .invalidParts),
            (body(parts: #"[{"part_number":1,"etag":""}]"#), .invalidParts),
            (body(parts: #"[{"part_number":1,"etag":"a b"}]"#), .invalidParts),
        ] as [(String, FailureCode)]
    )
    func refused(body: String, code: FailureCode) throws {
        let failure = try refusal(of: body, .complete).failure
        #expect(failure.code == code)
        #expect(failure.field == code.rawValue.dropFirst("invalid_".count).description)
    }
}
