import Foundation
import Testing

@testable import S3

@Suite struct TokenServiceTests {
    private static func answer(_ action: String, id: String = "k", end: String = "2030-01-31T12:00:00.5Z") -> String {
        """
        <\(action)Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><\(action)Result><AssumedRoleUser>\
        <Arn>arn:aws:sts::1:assumed-role/r/uploads</Arn></AssumedRoleUser><Credentials><AccessKeyId>\(id)</AccessKeyId>\
        <SecretAccessKey>s3cret</SecretAccessKey><SessionToken>t/+=</SessionToken><Expiration>\(end)</Expiration>\
        </Credentials></\(action)Result></\(action)Response>
        """
    }

    @Test("A web identity presents its token, read again each time, and signs nothing")
    func webIdentity() async throws {
        let server = try ScriptedServer([
            [.answer(200, Self.answer(WebIdentity.action))], [.answer(200, Self.answer(WebIdentity.action, id: "l"))],
        ])
        try await withFolder { folder in
            let file = folder.appending(path: "token")
            let environment = [
                "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:\(server.port)", "AWS_WEB_IDENTITY_TOKEN_FILE": file.path,
                "AWS_ROLE_ARN": "arn:aws:iam::1:role/r", "AWS_ROLE_SESSION_NAME": "uploads",
            ]
            let source = try CredentialsChain(environment: environment).find().source
            for (token, id) in [("to.ken+1", "k"), ("to.ken+2", "l")] {
                try Data("\(token)\n".utf8).write(to: file)
                let credentials = try await source.fetch { Date() }
                #expect(credentials.accessKeyID == id && credentials.sessionToken == "t/+=")
                #expect(credentials.expiresAt == Date(timeIntervalSince1970: 1_896_091_200.5))
            }
        }
        let action = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr"
        #expect(
            server.requests.map(\.body)
                == [1, 2].map {
                    "\(action)&RoleSessionName=uploads&WebIdentityToken=to.ken%2B\($0)"
                }
        )
        #expect(server.requests.allSatisfy { $0.head.hasPrefix("POST / ") && !$0.head.contains("uthorization") })
    }

    @Test(
        "The role's name for its session keeps AWS's rule",
        arguments: ["a", "a b", "a/b", String(repeating: "a", count: 65)]
    )
    func sessionName(name: String) throws {
        let environment = [
            "AWS_WEB_IDENTITY_TOKEN_FILE": "/token", "AWS_ROLE_ARN": "arn", "AWS_ROLE_SESSION_NAME": name,
        ]
        let error = #expect(throws: CredentialsError.self) { try CredentialsChain(environment: environment).find() }
        #expect(error?.message.contains("AWS_ROLE_SESSION_NAME") == true)
    }

    /// By botocore 1.41, with its clock at that time.
    @Test("A role is asked for with a signature as botocore makes it")
    func signature() throws {
        let role = AssumedRole(
            arn: "arn:aws:iam::1:role/r",
            sessionName: try RoleSessionName("uploads", setting: "-"),
            externalID: "partner",
            seconds: 3600,
            service: TokenService(endpoint: .aws("sts", region: "eu-west-1"), region: "eu-west-1")
        )
        let request = role.request(
            with: Credentials(accessKeyID: "AKID", secretAccessKey: "s3cret", sessionToken: "t0ken"),
            at: Date(timeIntervalSince1970: 1_700_000_000)
        )
        #expect(request.url == Array("https://sts.eu-west-1.amazonaws.com/".utf8) + [0])
        #expect(
            String(decoding: request.headers, as: UTF8.self).contains(
                "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token, "
                    + "Signature=2449c6fb8cff50795d0f9745fce121441eb4c7fe5480ae80da09aa4466ba356b\0"
            )
        )
    }

    @Test(
        "A refusal is told by its code and never by its words",
        arguments: [
            (400, "InvalidIdentityToken", true, "token that was presented"),
            (400, "ExpiredTokenException", true, "token"),
            (403, "AccessDenied", false, "trust policy"), (400, "ValidationError", false, "ARN"),
            (400, "IDPCommunicationError", true, "IDP"), (400, "Throttling", true, "400"),
            (500, "InternalFailure", true, "500"),
            (429, "x", true, "429"), (302, "x", false, "302"), (400, "a b", false, "no code"),
        ]
    )
    func refused(status: Int, code: String, canPass: Bool, named: String) async throws {
        let body =
            "<ErrorResponse><Error><Type>Sender</Type><Code>\(code)</Code><Message>t0ken</Message></Error></ErrorResponse>"
        let error = try await Self.error(.answer(status, body, headers: ["Location: http://127.0.0.1:1/"]))
        #expect(error?.canPass == canPass)
        #expect(
            error?.message.contains(named) == true && error?.message.contains("t0ken") == false,
            "\(String(describing: error))"
        )
    }

    @Test(
        "An answer without whole credentials can pass",
        arguments: [
            "", "no XML", "<Other/>", Self.answer("AssumeRole"), Self.answer(WebIdentity.action, end: "soon"),
            "<!DOCTYPE x>" + Self.answer(WebIdentity.action),
            Self.answer(WebIdentity.action, id: String(repeating: "x", count: 70_000)),
            String(Self.answer(WebIdentity.action).dropLast(10)),
        ]
    )
    func damaged(body: String) async throws {
        let error = try await Self.error(.answer(200, body))
        #expect(error?.canPass == true)
        #expect(error?.message.contains("s3cret") == false)
    }

    @Test("Credentials that no header can carry are refused")
    func unsafe() async throws {
        let error = try await Self.error(.answer(200, Self.answer(WebIdentity.action, id: "a&#10;b")))
        #expect(error?.message.contains("access key id") == true)
    }

    private static func error(_ step: ScriptedServer.Step) async throws -> CredentialsError? {
        let server = try ScriptedServer([[step]])
        let endpoint = try Endpoint(parsing: "http://127.0.0.1:\(server.port)")
        let identity = WebIdentity(
            roleARN: "arn",
            sessionName: try RoleSessionName(nil, setting: "-"),
            tokenFile: TokenFile(path: "/", setting: "-"),
            service: TokenService(endpoint: endpoint, region: "us-east-1")
        )
        return await #expect(throws: CredentialsError.self) {
            try await identity.service.credentials(
                WebIdentity.action,
                answering: identity.request(token: Secret("t0ken"))
            )
        }
    }
}
