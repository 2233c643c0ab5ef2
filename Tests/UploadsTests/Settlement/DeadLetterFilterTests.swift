import Testing

@testable import Uploads

@Suite("A filter of dead letters")
struct DeadLetterFilterTests {
    private static func matches(_ filter: DeadLetterFilter, queue: String?, code: String? = "c", id: String? = "m")
        -> Bool
    {
        var headers: [String: HeaderValue] = [:]
        headers["upload-origin-queue"] = queue.map(HeaderValue.text)
        headers["upload-error-code"] = code.map(HeaderValue.text)
        let account = DeadLetterAccount(headers: headers, deaths: [], names: TopologyNames(prefix: "uploads"))
        return filter.matches(account, messageID: id)
    }

    @Test(
        "takes a queue by its whole name or its last word",
        arguments: [
            ("uploads.start", "uploads.start", true), ("start", "uploads.start", true), ("start", "start", true),
            ("start", "a.b.start", true), ("uploads", "uploads.start", false), ("tart", "uploads.start", false),
            (".start", "uploads.start", false), ("", "uploads.start", false), ("START", "uploads.start", false),
            ("uploads.start", "uploads.abort", false), ("start", nil, false), ("", nil, false),
        ] as [(String, String?, Bool)]
    )
    func queue(wanted: String, queue: String?, expected: Bool) {
        #expect(Self.matches(DeadLetterFilter(queue: wanted), queue: queue) == expected)
    }

    @Test(
        "takes a code and a message id as they are",
        arguments: [("c", "m", true), ("C", "m", false), ("c", "M", false), ("", "m", false), ("c", "", false)]
    )
    func exact(code: String, id: String, expected: Bool) {
        #expect(Self.matches(DeadLetterFilter(code: code, messageID: id), queue: nil) == expected)
    }

    @Test("does not take what has no code or no message id for one that has")
    func missing() {
        #expect(!Self.matches(DeadLetterFilter(code: "c"), queue: nil, code: nil))
        #expect(!Self.matches(DeadLetterFilter(messageID: "m"), queue: nil, id: nil))
    }

    @Test("takes everything where nothing is given, and only what fits all that is given")
    func combined() {
        #expect(Self.matches(DeadLetterFilter(), queue: nil, code: nil, id: nil))
        #expect(Self.matches(DeadLetterFilter(queue: "start", code: "c", messageID: "m"), queue: "uploads.start"))
        #expect(!Self.matches(DeadLetterFilter(queue: "abort", code: "c", messageID: "m"), queue: "uploads.start"))
        #expect(!Self.matches(DeadLetterFilter(queue: "start", code: "d", messageID: "m"), queue: "uploads.start"))
        #expect(!Self.matches(DeadLetterFilter(queue: "start", code: "c", messageID: "n"), queue: "uploads.start"))
    }
}
