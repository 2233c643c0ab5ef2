import Testing

@testable import S3

@Suite struct EndpointTests {
    @Test(
        "Reads scheme, host, port and prefix",
        arguments: [
            ("https://s3.example.com", "s3.example.com", ""),
            ("HTTPS://S3.Example.COM:443/", "s3.example.com", ""),
            ("http://127.0.0.1:9000", "127.0.0.1:9000", ""),
            ("http://127.0.0.1:80", "127.0.0.1", ""),
            ("http://[::1]:9000/a/b/", "[::1]:9000", "/a/b"),
            ("https://host:80", "host:80", ""),
            ("https://host:1", "host:1", ""),
            ("https://host:65535", "host:65535", ""),
        ]
    )
    func reads(text: String, authority: String, prefix: String) throws {
        let endpoint = try Endpoint(parsing: text)
        #expect(endpoint.authority == authority)
        #expect(endpoint.pathPrefix == prefix)
    }

    @Test(
        "Refuses what is no endpoint",
        arguments: [
            "", "s3.example.com", "ftp://host", "https://", "https://:9000", "https://host:", "https://host:0",
            "https://host:65536", "https://host:+80", "https://user:secret@host", "https://host?x=1", "https://host/#x",
            "https://ho st", "https://höst", "https://host/a%20b", "https://host/../b", "https://[]", "https://[::1",
        ]
    )
    func refuses(text: String) {
        let error = #expect(throws: EndpointError.self) { try Endpoint(parsing: text) }
        #expect(error?.message.contains("secret") == false)
    }

    @Test("AWS's own endpoint", arguments: [("eu-central-1", "amazonaws.com"), ("cn-north-1", "amazonaws.com.cn")])
    func aws(region: String, domain: String) {
        #expect(Endpoint.aws(region: region).authority == "s3.\(region).\(domain)")
    }
}
