import Testing

@testable import Uploads

@Suite("A start request")
struct StartRequestTests {
    static func body(
        fileID: String? = #""a.png""#,
        userID: String? = "42",
        partCount: String? = "3",
        contentType: String? = nil
    ) -> String {
        let fields = [
            ("file_id", fileID), ("user_id", userID), ("part_count", partCount), ("content_type", contentType),
        ]
        return "{\(fields.compactMap { name, value in value.map { "\"\(name)\":\($0)" } }.joined(separator: ","))}"
    }

    static func start(_ body: String, rules: UploadRules = Fixture.rules) throws -> StartRequest {
        guard case .start(let start) = try request(body, rules: rules) else { throw Accepted() }
        return start
    }

    @Test("is read with all its fields, in any order, among unknown ones")
    func complete() throws {
        let body = #"{"x":[{}],"content_type":"IMAGE/PNG","part_count":3,"version":1,"user_id":"u","file_id":"f"}"#
        let expected = StartRequest(
            file: try Fixture.file(user: "u", file: "f"),
            partCount: 3,
            contentType: ContentType(stored: "image/png")
        )
        let request = try request(body)
        #expect(request == .start(expected))
        #expect(request.kind == .start)
        #expect(request.file == expected.file)
        #expect(request.uploadID == nil)
    }

    @Test("without a content type, or with null, is for octets", arguments: [nil, "null"])
    func noContentType(literal: String?) throws {
        #expect(try Self.start(Self.body(contentType: literal)).contentType.rawValue == "application/octet-stream")
    }

    @Test(
        "may write its user id as an integer or a string",
        arguments: [
            ("7", "7"), ("7.0", "7"), ("70e-1", "7"), ("0", "0"), ("9223372036854775807", "9223372036854775807"),
            (#""7.0""#, "7.0"), (#""007""#, "007"), (#""\u0037""#, "7"),
        ]
    )
    func userIDs(literal: String, userID: String) throws {
        #expect(try Self.start(Self.body(userID: literal)).file.userID.rawValue == userID)
    }

    @Test("takes 1 to the maximum of parts", arguments: [("1", 1), ("19", 19), ("20", 20), ("3.0", 3), ("2e1", 20)])
    func partCounts(literal: String, count: Int) throws {
        #expect(try Self.start(Self.body(partCount: literal)).partCount == count)
    }

    @Test("follows the operator's maximum of parts", arguments: [1, 10_000])
    func maxPartCount(max: Int) throws {
        let rules = UploadRules(maxPartCount: max)
        #expect(try Self.start(Self.body(partCount: "\(max)"), rules: rules).partCount == max)
        #expect(try refusal(of: Self.body(partCount: "\(max + 1)"), rules: rules).failure.code == .invalidPartCount)
    }

    @Test(
        "is refused for the first field that breaks its rule",
        arguments: [
            (body(fileID: nil), .invalidFileID), (body(fileID: "null"), .invalidFileID),
            (body(fileID: "7"), .invalidFileID), (body(fileID: #""""#), .invalidFileID),
            (body(fileID: #""a/b""#), .invalidFileID), (body(fileID: #""a\u0000""#), .invalidFileID),
            (body(fileID: #"["a"]"#), .invalidFileID), (body(fileID: "true"), .invalidFileID),
            (body(userID: nil), .invalidUserID), (body(userID: "null"), .invalidUserID),
            (body(userID: "-1"), .invalidUserID), (body(userID: "1.5"), .invalidUserID),
            (body(userID: "9223372036854775808"), .invalidUserID), (body(userID: "1e400"), .invalidUserID),
            (body(userID: "true"), .invalidUserID), (body(userID: #""..""#), .invalidUserID),
            (body(userID: "{}"), .invalidUserID), (body(userID: #""""#), .invalidUserID),
            (body(partCount: nil), .invalidPartCount), (body(partCount: "null"), .invalidPartCount),
            (body(partCount: "0"), .invalidPartCount), (body(partCount: "-1"), .invalidPartCount),
            (body(partCount: "21"), .invalidPartCount), (body(partCount: #""3""#), .invalidPartCount),
            (body(partCount: "true"), .invalidPartCount), (body(partCount: "3.5"), .invalidPartCount),
            (body(partCount: "[3]"), .invalidPartCount), (body(partCount: "18446744073709551619"), .invalidPartCount),
            (body(contentType: #""application/octet-stream""#), .invalidContentType),
            (body(contentType: #""image/png; charset=x""#), .invalidContentType),
            (body(contentType: #""""#), .invalidContentType), (body(contentType: "1"), .invalidContentType),
            (body(contentType: "false"), .invalidContentType), (body(contentType: "[]"), .invalidContentType),
            (#"{}"#, .invalidFileID), (body(fileID: "1", userID: "{}"), .invalidFileID),
            (body(userID: "{}", partCount: "0"), .invalidUserID),
            (body(partCount: "0", contentType: "1"), .invalidPartCount),
        ] as [(String, FailureCode)]
    )
    func refused(body: String, code: FailureCode) throws {
        let failure = try refusal(of: body).failure
        #expect(failure.code == code)
        #expect(failure.field == code.rawValue.dropFirst("invalid_".count).description)
        #expect(failure.message.contains(code.rawValue.dropFirst("invalid_".count)))
    }
}
