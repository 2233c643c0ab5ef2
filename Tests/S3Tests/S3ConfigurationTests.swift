import Testing

@testable import S3

@Suite struct S3ConfigurationTests {
    private static let custom = "http://storage.example.com:9000/pre"

    @Test(
        "A bucket's place follows style, endpoint and name",
        arguments: [
            ("uploads", nil, .auto, "uploads.s3.eu-central-1.amazonaws.com", "/k"),
            ("up-loads-1", nil, .auto, "up-loads-1.s3.eu-central-1.amazonaws.com", "/k"),
            ("with.dots", nil, .auto, "s3.eu-central-1.amazonaws.com", "/with.dots/k"),
            ("Upper", nil, .auto, "s3.eu-central-1.amazonaws.com", "/Upper/k"),
            ("uploads", nil, .path, "s3.eu-central-1.amazonaws.com", "/uploads/k"),
            ("uploads", custom, .auto, "storage.example.com:9000", "/pre/uploads/k"),
            ("uploads", custom, .virtual, "uploads.storage.example.com:9000", "/pre/k"),
        ] as [(String, String?, S3Configuration.AddressingStyle, String, String)]
    )
    func location(
        bucket: String,
        endpoint: String?,
        style: S3Configuration.AddressingStyle,
        authority: String,
        path: String
    ) throws {
        let custom = try endpoint.map { try Endpoint(parsing: $0) }
        let location = BucketLocation(bucket: bucket, custom: custom, region: "eu-central-1", style: style)
        #expect(location.authority == authority)
        #expect(String(decoding: location.objectPath(key: "k"), as: UTF8.self) == path)
    }

    @Test(
        "What cannot work is told by the setting's name",
        arguments: [
            ("", "r", nil, "S3_BUCKET"), ("a/b", "r", nil, "S3_BUCKET"), ("..", "r", nil, "S3_BUCKET"),
            (String(repeating: "b", count: 256), "r", nil, "S3_BUCKET"),
            (String(repeating: "b", count: 255), "r", nil, nil),
            ("b", "r", nil, nil), ("B_1.x-y", "us-east-1", nil, nil), ("b", "", nil, "AWS_REGION"),
            ("b", "a b", nil, "AWS_REGION"),
            ("b", "evil.example.com/", nil, "AWS_REGION"), ("b", String(repeating: "r", count: 65), nil, "AWS_REGION"),
            ("b", String(repeating: "r", count: 64), nil, nil), ("b", "r", "http://127.0.0.1", "S3_ADDRESSING_STYLE"),
            ("b", "r", "http://[::1]", "S3_ADDRESSING_STYLE"), ("b", "r", "http://localhost", nil),
        ] as [(String, String, String?, String?)]
    )
    func check(bucket: String, region: String, virtualAt endpoint: String?, setting: String?) throws {
        var configuration = S3Configuration(bucket: bucket, region: region)
        if let endpoint {
            configuration.endpoint = try Endpoint(parsing: endpoint)
            configuration.addressingStyle = .virtual
        }
        do {
            try configuration.check()
            #expect(setting == nil)
        } catch {
            #expect(error.setting == setting)
        }
    }

    @Test(
        "Metadata that no header can carry is refused before anything is sent",
        arguments: [
            ("a", "b\r\nx: y"), ("a", " b"), ("a", "b  c"), ("a", "é"), ("A", "b"), ("a b", "c"), ("a", ""),
            ("a", "b\0c"),
        ]
    )
    func metadata(name: String, value: String) async throws {
        try await withScriptedStore([]) { client, server in
            let error = await expect(kind: .permanent) {
                try await client.createMultipartUpload(key: "k", contentType: "image/png", metadata: [name: value])
            }
            #expect(error?.code == "InvalidArgument")
            #expect(server.requests.isEmpty)
        }
    }

    @Test(
        "A list of parts is sent by number, ETags quoted once and escaped",
        arguments: [("e", "e"), ("\"e\"", "e"), ("a&b<c>\"d", "a&amp;b&lt;c&gt;&quot;d"), ("W/\"e\"", "e")]
    )
    func partList(etag: String, written: String) {
        let body = CompleteMultipartUploadBody.bytes(parts: [(10, etag), (2, "x")])
        #expect(
            String(decoding: body, as: UTF8.self) == """
                <CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\
                <Part><PartNumber>2</PartNumber><ETag>&quot;x&quot;</ETag></Part>\
                <Part><PartNumber>10</PartNumber><ETag>&quot;\(written)&quot;</ETag></Part></CompleteMultipartUpload>
                """
        )
    }
}
