import Foundation
import Testing

@testable import S3

@Suite struct ProfileSourcesTests {
    private static let config = """
        [profile base]
        aws_access_key_id = base-id
        aws_secret_access_key = base-secret
        [profile role]
        role_arn = arn:aws:iam::1:role/r
        source_profile = base
        role_session_name = uploads
        external_id = partner
        duration_seconds = 3600
        region = eu-west-1
        [profile twice]
        role_arn = arn:aws:iam::1:role/second
        source_profile = role
        [profile self]
        role_arn = arn:aws:iam::1:role/own
        source_profile = self
        aws_access_key_id = self-id
        aws_secret_access_key = self-secret
        [profile instance]
        role_arn = arn:aws:iam::1:role/i
        credential_source = Ec2InstanceMetadata
        [profile container]
        role_arn = arn:aws:iam::1:role/c
        credential_source = EcsContainer
        [profile environment]
        role_arn = arn:aws:iam::1:role/e
        credential_source = Environment
        [profile web]
        role_arn = arn:aws:iam::1:role/w
        web_identity_token_file = /var/run/token
        [profile program]
        credential_process = print-them --password s3cret
        [profile loop]
        role_arn = arn:aws:iam::1:role/l
        source_profile = back
        [profile back]
        role_arn = arn:aws:iam::1:role/b
        source_profile = loop
        [profile lost]
        role_arn = arn:aws:iam::1:role/l
        source_profile = nowhere
        [profile code]
        role_arn = arn:aws:iam::1:role/m
        source_profile = base
        mfa_serial = arn:aws:iam::1:mfa/me
        [profile short]
        role_arn = arn:aws:iam::1:role/s
        source_profile = base
        duration_seconds = 60
        [profile odd]
        role_arn = arn:aws:iam::1:role/o
        credential_source = Elsewhere
        [profile browser]
        sso_session = work
        [profile nameless]
        role_arn = arn:aws:iam::1:role/n
        source_profile = base
        role_session_name = a b
        """

    @Test(
        "A profile's source is what its settings say",
        arguments: [
            ("role", "role arn:aws:iam::1:role/r with profile 'base' of "),
            ("twice", "role arn:aws:iam::1:role/second with role arn:aws:iam::1:role/r with profile 'base' of "),
            ("self", "role arn:aws:iam::1:role/own with profile 'self' of "),
            ("instance", "role arn:aws:iam::1:role/i with instance metadata"),
            ("container", "role arn:aws:iam::1:role/c with container endpoint localhost"),
            ("web", "web identity for arn:aws:iam::1:role/w"),
            ("program", "credential_process of profile 'program' of "),
        ]
    )
    func sources(profile: String, expected: String) async throws {
        let more = [
            "AWS_EC2_METADATA_DISABLED": "false", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://localhost/c",
        ]
        let source = try await Self.source(profile, more)
        #expect(source.name.hasPrefix(expected), "\(source.name)")
        #expect(source.isRenewable)
        var dumped = "\(source)"
        dump(source, to: &dumped)
        #expect(!dumped.contains("secret") && !dumped.contains("s3cret"))
    }

    @Test(
        "What cannot work is refused, and the error names profile and setting",
        arguments: [
            ("loop", ["loop", "source_profile"]), ("lost", ["lost", "nowhere"]), ("code", ["code", "mfa_serial"]),
            ("short", ["short", "duration_seconds"]), ("odd", ["odd", "credential_source"]),
            ("browser", ["browser", "SSO"]),
            ("nameless", ["role_session_name"]), ("environment", ["environment", "credential_source Environment"]),
            ("container", ["EcsContainer"]), ("instance", ["Ec2InstanceMetadata"]),
        ]
    )
    func refused(profile: String, named: [String]) async throws {
        do {
            _ = try await Self.source(profile)
            Issue.record("accepted")
        } catch let error as CredentialsError {
            for text in named { #expect(error.message.contains(text), "\(error)") }
            #expect(!error.canPass)
        }
    }

    @Test("A role takes along what its profile says of it, and the token service of the profile's region")
    func role() async throws {
        guard case .role(let role, with: .given(let credentials, by: _)) = try await Self.source("role") else {
            Issue.record("no role")
            return
        }
        #expect(credentials.accessKeyID == "base-id")
        #expect((role.sessionName.text, role.externalID, role.seconds) == ("uploads", "partner", 3600))
        #expect(role.service.endpoint == Endpoint.aws("sts", region: "eu-west-1"))
    }

    @Test(
        "The token service is the region's, unless a setting names another",
        arguments: [
            ([:], "https://sts.amazonaws.com/", "us-east-1"),
            (["AWS_REGION": "eu-central-1"], "https://sts.eu-central-1.amazonaws.com/", "eu-central-1"),
            (["AWS_DEFAULT_REGION": "cn-north-1"], "https://sts.cn-north-1.amazonaws.com.cn/", "cn-north-1"),
            (["AWS_ENDPOINT_URL": "http://all:1"], "http://all:1/", "us-east-1"),
            (["AWS_ENDPOINT_URL_S3": "http://store:1"], "https://sts.amazonaws.com/", "us-east-1"),
            (
                ["AWS_ENDPOINT_URL": "http://all:1", "AWS_ENDPOINT_URL_STS": "http://sts:2/under", "AWS_REGION": "x"],
                "http://sts:2/under/", "x"
            ),
        ] as [([String: String], String, String)]
    )
    func tokenService(environment: [String: String], url: String, region: String) throws {
        let profile = SharedProfile(name: "none", paths: ["", ""], credentialsFile: nil, configFile: nil)
        let service = try TokenService(environment: environment, profile: profile)
        #expect(service.endpoint.url(path: "/") == url)
        #expect(service.region == region)
    }

    @Test(
        "A program's output is read as credentials",
        arguments: [
            (#"echo '{"Version":1,"AccessKeyId":"p","SecretAccessKey":"s3cret","SessionToken":"t"}'"#, true),
            ("exit 1", false), ("echo s3cret", false), ("no-such-program-at-all s3cret", false),
            ("head -c 100000 /dev/zero", false),
        ]
    )
    func program(command: String, works: Bool) async throws {
        let process = CredentialsProcess(command: Secret(command), place: "profile 'p' of /config")
        do {
            let credentials = try await process.fetch()
            #expect(works && credentials.accessKeyID == "p" && credentials.sessionToken == "t")
        } catch {
            #expect(!works && error.message.contains("profile 'p'") && !error.message.contains("s3cret"))
        }
    }

    @Test(
        "A program has its time, even where something that it started goes on",
        arguments: ["sleep 9", "sleep 9 & echo"]
    )
    func slowProgram(command: String) async {
        let process = CredentialsProcess(command: Secret(command), place: "-", longest: .milliseconds(100))
        let began = ContinuousClock.now
        await #expect(throws: CredentialsError.self) { try await process.fetch() }
        #expect(ContinuousClock.now - began < .seconds(8))
    }

    private static func source(_ profile: String, _ more: [String: String] = [:]) async throws -> CredentialsSource {
        var found: CredentialsSource?
        try await withAWSFiles(config: Self.config) { files in
            let environment = files.merging(["AWS_PROFILE": profile]) { $1 }.merging(more) { $1 }
            found = try CredentialsChain(environment: environment).find().source
        }
        return try #require(found)
    }
}
