import Testing

@testable import AMQP

@Suite("A broker's URL")
struct BrokerURLTests {
    @Test(
        "is read with its defaults and escapes",
        arguments: [
            ("amqp://host", BrokerURL(host: "host")),
            ("amqp://host/", BrokerURL(host: "host")),
            ("AMQP://host:1/%2f", BrokerURL(host: "host", port: 1)),
            ("amqps://host", BrokerURL(host: "host", port: 5671, usesTLS: true)),
            ("amqp://host:65535/a", BrokerURL(host: "host", port: 65535, virtualHost: "a")),
            ("amqp://me@host/a%2Fb", BrokerURL(host: "host", user: "me", password: "", virtualHost: "a/b")),
            ("amqp://m%40e:p%3Aa:s%2fs@host", BrokerURL(host: "host", user: "m@e", password: "p:a:s/s")),
            ("amqp://u:p@ss@host", BrokerURL(host: "host", user: "u", password: "p@ss")),
            ("amqp://:@host", BrokerURL(host: "host", user: "", password: "")),
            ("amqp://[::1]", BrokerURL(host: "::1")),
            (
                "amqp://u:p@[fe80::1]:77/%c3%a4",
                .init(host: "fe80::1", port: 77, user: "u", password: "p", virtualHost: "ä")
            ),
        ]
    )
    func parses(text: String, expected: BrokerURL) throws {
        #expect(try BrokerURL(parsing: text) == expected)
    }

    @Test(
        "is refused for a reason",
        arguments: [
            ("", .unknownScheme), ("host:5672", .unknownScheme), ("http://host", .unknownScheme),
            ("amqp://", .missingHost), ("amqp:///vhost", .missingHost), ("amqp://u:p@", .missingHost),
            ("amqp://:5672", .missingHost), ("amqp://[::1", .missingHost), ("amqp://[]", .missingHost),
            ("amqp://host:", .invalidPort), ("amqp://host:0", .invalidPort), ("amqp://host:65536", .invalidPort),
            ("amqp://host:+1", .invalidPort), ("amqp://host:1a", .invalidPort), ("amqp://::1", .missingHost),
            ("amqp://[::1]x", .invalidPort),
            ("amqp://host/%2", .invalidEscape), ("amqp://host/%zz", .invalidEscape),
            ("amqp://u:%ff@host", .invalidEscape), ("amqp://host/%00", .invalidEscape),
            ("amqp://host/a/b", .unexpectedPart("a second / in the path; a virtual host's is %2f")),
            ("amqp://host?heartbeat=5", .unexpectedPart("query or fragment")),
        ] as [(String, BrokerURLError)]
    )
    func refuses(text: String, expected: BrokerURLError) {
        #expect(throws: expected) { try BrokerURL(parsing: text) }
    }

    @Test("never shows the password, nor does an error about it")
    func hidesPassword() throws {
        let url = try BrokerURL(parsing: "amqps://me:s3cret@host/v")
        var dumped = ""
        dump(url, to: &dumped)
        let error = BrokerError(.loginRefused("ACCESS_REFUSED"), url: url)
        for text in ["\(url)", String(reflecting: url), dumped, "\(error)", "\([url])"] {
            #expect(!text.contains("s3cret"))
            #expect(text.contains("host"))
        }
        #expect(url.description == "amqps://me@host:5671 (virtual host v)")
    }
}
