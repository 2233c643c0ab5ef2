import Foundation
import Testing

@testable import S3

@Suite struct InstanceMetadataTests {
    private static let answer =
        #"{"Code":"Success","AccessKeyId":"k","SecretAccessKey":"s3cret","Token":"t","Expiration":"2030-01-31T12:00:00Z"}"#

    @Test("A token first, then the role's name, then its credentials")
    func whole() async throws {
        let server = try ScriptedServer([
            [.answer(200, "t0ken")], [.answer(200, "role-1\nother")], [.answer(200, Self.answer)],
        ])
        let credentials = try await Self.fetch(server)
        #expect(credentials.accessKeyID == "k" && credentials.sessionToken == "t")
        let heads = server.requests.map(\.head)
        #expect(
            heads.map { $0.prefix { $0 != "\r\n" } } == [
                "PUT /latest/api/token HTTP/1.1", "GET /latest/meta-data/iam/security-credentials/ HTTP/1.1",
                "GET /latest/meta-data/iam/security-credentials/role-1 HTTP/1.1",
            ]
        )
        #expect(heads[0].contains("x-aws-ec2-metadata-token-ttl-seconds: ") && heads[0].contains("Content-Length: 0"))
        #expect(heads[1...].allSatisfy { $0.contains("x-aws-ec2-metadata-token: t0ken") })
    }

    @Test(
        "What goes wrong can pass, names the step and no secret",
        arguments: [
            ([.answer(403)], "no token (403)"), ([.answer(200, "")], "no token"),
            ([.answer(200, "a\u{1}")], "no token"),
            ([.answer(200, "t0ken"), .answer(404)], "no role: attach one"),
            ([.answer(200, "t0ken"), .answer(200, "../../user-data")], "what is no name"),
            ([.answer(200, "t0ken"), .answer(200, "role"), .answer(404)], "credentials of role role (404)"),
            ([.answer(200, "t0ken"), .answer(200, "role"), .answer(200, #"{"Code":"Failed"}"#)], "says Failed"),
            ([.close], "cannot be asked"),
        ] as [([ScriptedServer.Step], String)]
    )
    func wrong(steps: [ScriptedServer.Step], named: String) async throws {
        let server = try ScriptedServer(steps.map { [$0] })
        let error = await #expect(throws: CredentialsError.self) { try await Self.fetch(server) }
        #expect(error?.message.contains(named) == true, "\(String(describing: error))")
        #expect(error?.message.contains("t0ken") == false && error?.canPass == true)
    }

    @Test(
        "Who does not answer in full within two seconds is not there",
        arguments: [
            .stall, .drip(["HTTP/1.1 200 OK\r\n"] + Array(repeating: "x: y\r\n", count: 60), every: .milliseconds(200)),
        ]
            as [ScriptedServer.Step]
    )
    func slow(step: ScriptedServer.Step) async throws {
        let server = try ScriptedServer([[step]])
        let began = ContinuousClock.now
        await #expect(throws: CredentialsError.self) { try await Self.fetch(server) }
        #expect(ContinuousClock.now - began < .seconds(25))
    }

    @Test(
        "It is where the settings say, or nowhere",
        arguments: [
            (["AWS_EC2_METADATA_DISABLED": "TRUE"], nil), ([:], "http://169.254.169.254"),
            (["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6"], "http://[fd00:ec2::254]"),
            (["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:8080/"], "http://127.0.0.1:8080"),
        ] as [([String: String], String?)]
    )
    func place(environment: [String: String], expected: String?) throws {
        let metadata = try InstanceMetadata(environment: environment)
        #expect(
            metadata
                == (try expected.flatMap {
                    try InstanceMetadata(environment: ["AWS_EC2_METADATA_SERVICE_ENDPOINT": $0])
                })
        )
    }

    private static func fetch(_ server: ScriptedServer) async throws -> Credentials {
        let name = "AWS_EC2_METADATA_SERVICE_ENDPOINT"
        let metadata = try #require(try InstanceMetadata(environment: [name: "http://127.0.0.1:\(server.port)"]))
        return try await metadata.fetch()
    }
}
