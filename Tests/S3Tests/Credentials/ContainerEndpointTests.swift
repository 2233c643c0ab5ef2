import Foundation
import Testing

@testable import S3

@Suite struct ContainerEndpointTests {
    private static let full = "AWS_CONTAINER_CREDENTIALS_FULL_URI"

    @Test(
        "In the clear only hosts that nobody else can be are asked",
        arguments: [
            ("http://localhost/c", true), ("http://127.0.0.1/c", true), ("http://127.1.2.3:80/c", true),
            ("http://[::1]/c", true), ("http://[0:0:0:0:0:0:0:1]:8080/c", true), ("http://169.254.170.2/c", true),
            ("http://169.254.170.23/v1/credentials", true), ("http://[fd00:ec2::23]/v1/credentials", true),
            ("http://[FD00:0EC2:0::23]/v1/credentials", true), ("https://example.com/c", true),
            ("http://example.com/c", false), ("http://169.254.169.254/c", false), ("http://169.254.170.22/c", false),
            ("http://[fd00:ec2::24]/c", false), ("http://128.0.0.1/c", false), ("http://0.0.0.0/c", false),
            ("http://[::ffff:127.0.0.1]/c", false), ("http://localhost.example.com/c", false),
            ("http://127.0.0.1.example.com/c", false), ("http://127.1/c", false), ("http://2130706433/c", false),
            ("http://localhost@example.com/c", false), ("http://example.com#@localhost/c", false),
            ("http://example.com?@localhost/c", false), ("http://example.com\\@localhost/c", false),
            ("ftp://localhost/c", false), ("localhost/c", false), ("http:///c", false), ("http://localhost/c d", false),
            ("http://localhost/c\r\nx: y", false), ("http://localhost/c#d", false),
        ]
    )
    func hosts(url: String, isAllowed: Bool) {
        do {
            _ = try ContainerEndpoint(environment: [Self.full: url])
            #expect(isAllowed)
        } catch {
            #expect(!isAllowed, "\(error)")
            #expect(error.message.contains(Self.full) && !error.canPass)
        }
    }

    @Test(
        "The URL is asked as it is given",
        arguments: [
            ([Self.full: "http://localhost:1234/a/b/?c=d%20e&f=g"], "http://localhost:1234/a/b/?c=d%20e&f=g"),
            ([Self.full: "http://localhost"], "http://localhost/"),
            ([Self.full: "https://Agent.example?x"], "https://agent.example/?x"),
            (["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/c?id=1"], "http://169.254.170.2/v2/c?id=1"),
        ]
    )
    func url(environment: [String: String], url: String) throws {
        let endpoint = try #require(try ContainerEndpoint(environment: environment))
        #expect(try endpoint.request().url == Array(url.utf8) + [0])
    }

    @Test("A relative URI must be a path", arguments: ["v2/c", "@example.com/c", "http://example.com/", "/a b"])
    func relative(target: String) {
        #expect(throws: CredentialsError.self) {
            try ContainerEndpoint(environment: ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": target])
        }
    }

    @Test("The token file is read again for each request, and goes before the token itself")
    func tokenFile() async throws {
        try await withFolder { folder in
            let file = folder.appending(path: "token")
            let endpoint = try #require(
                try ContainerEndpoint(environment: [
                    Self.full: "http://localhost/", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "static",
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": file.path,
                ])
            )
            for token in ["first", "second"] {
                try Data("\(token)\n".utf8).write(to: file)
                #expect(
                    String(decoding: try endpoint.request().headers, as: UTF8.self).contains(
                        "authorization: \(token)\0"
                    )
                )
            }
            for damaged in ["", "two\nlines", "a\u{0}b", String(repeating: "x", count: 65 * 1024)] {
                try Data(damaged.utf8).write(to: file)
                let error = #expect(throws: CredentialsError.self) { try endpoint.request() }
                #expect(error?.message.contains(file.path) == true && error?.canPass == true)
            }
            try FileManager.default.removeItem(at: file)
            let error = #expect(throws: CredentialsError.self) { try endpoint.request() }
            #expect(error?.message.contains(file.path) == true && error?.canPass == false)
        }
    }

    @Test("The token itself goes out as it is, unless no header can carry it")
    func token() throws {
        var environment = [Self.full: "http://localhost/", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Basic s3cret"]
        let endpoint = try #require(try ContainerEndpoint(environment: environment))
        #expect(
            String(decoding: try endpoint.request().headers, as: UTF8.self).contains("authorization: Basic s3cret\0")
        )
        #expect(!"\(endpoint)".contains("s3cret"))
        environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "s3cret\r\nx: y"
        let error = #expect(throws: CredentialsError.self) { try ContainerEndpoint(environment: environment) }
        #expect(error?.message.contains("s3cret") == false)
    }

    private static let answer =
        #"{"AccessKeyId":"k","SecretAccessKey":"s3cret","Token":"t","Expiration":"2030-01-31T12:00:00Z"}"#

    @Test("An answer gives credentials")
    func whole() async throws {
        let server = try ScriptedServer([[.answer(200, Self.answer)]])
        let endpoint = try #require(try Self.endpoint(server))
        let credentials = try await endpoint.fetch()
        #expect(
            credentials
                == Credentials(
                    accessKeyID: "k",
                    secretAccessKey: "s3cret",
                    sessionToken: "t",
                    expiresAt: Date(timeIntervalSince1970: 1_896_091_200)
                )
        )
    }

    @Test(
        "Anything else is an error without a secret, and says whether it can pass",
        arguments: [
            (.answer(404, Self.answer), false), (.answer(500, Self.answer), true), (.answer(429), true),
            (.answer(302, Self.answer, headers: ["Location: http://127.0.0.1:1/"]), false),
            (.answer(200, "s3cret"), true),
            (.answer(200, #"{"AccessKeyId":"k"}"#), true),
            (.answer(200, #"{"AccessKeyId":1,"SecretAccessKey":"s3cret"}"#), true),
            (.answer(200, #"{"AccessKeyId":"k","SecretAccessKey":"s3cret\n"}"#), false),
            (.answer(200, #"{"AccessKeyId":"k","SecretAccessKey":"s3cret","Expiration":"soon"}"#), true),
            (.answer(200, #"{"Code":"AssumeRoleUnauthorizedAccess","SecretAccessKey":"s3cret"}"#), true),
            (.answer(200, String(repeating: " ", count: 65 * 1024) + Self.answer), true), (.close, true),
            (.answer(200, String(repeating: "[", count: 60_000)), true),
        ] as [(ScriptedServer.Step, Bool)]
    )
    func damaged(step: ScriptedServer.Step, canPass: Bool) async throws {
        let server = try ScriptedServer([[step, .close]])
        let endpoint = try #require(try Self.endpoint(server))
        let error = await #expect(throws: CredentialsError.self) { try await endpoint.fetch() }
        #expect(error?.canPass == canPass, "\(String(describing: error))")
        #expect(error?.message.contains("s3cret") == false)
        #expect(server.requests.count == 1)
    }

    private static func endpoint(_ server: ScriptedServer) throws -> ContainerEndpoint? {
        try ContainerEndpoint(environment: [Self.full: "http://127.0.0.1:\(server.port)/c"])
    }
}
