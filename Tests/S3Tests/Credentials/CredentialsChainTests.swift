import Foundation
import Testing

@testable import S3

@Suite struct CredentialsChainTests {
    private static let keys = ["AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"]

    @Test("The environment comes first")
    func environment() async throws {
        try await withAWSFiles(credentials: "[default]\naws_access_key_id=file\naws_secret_access_key=file") { files in
            let found = try CredentialsChain(environment: files.merging(Self.keys) { $1 }).find().source
            #expect(found == .given(Credentials(accessKeyID: "id", secretAccessKey: "secret"), by: "environment"))
        }
    }

    @Test("A session's token and end come along")
    func session() throws {
        let more = ["AWS_SESSION_TOKEN": "token", "AWS_CREDENTIAL_EXPIRATION": "2030-01-31T12:00:00Z"]
        let credentials = try CredentialsChain(environment: Self.keys.merging(more) { $1 }).exported()
        #expect(credentials?.sessionToken == "token")
        #expect(credentials?.expiresAt == Date(timeIntervalSince1970: 1_896_091_200))
    }

    @Test(
        "Damaged or half-given keys are refused by name, never by value",
        arguments: [
            (["AWS_ACCESS_KEY_ID": "id"], "AWS_SECRET_ACCESS_KEY"),
            (["AWS_SECRET_ACCESS_KEY": "s3cret"], "AWS_ACCESS_KEY_ID"),
            (["AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": ""], "AWS_SECRET_ACCESS_KEY"),
            (["AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "s3cret\n"], "secret access key"),
            (["AWS_ACCESS_KEY_ID": "i d", "AWS_SECRET_ACCESS_KEY": "s3cret"], "access key id"),
            (Self.keys.merging(["AWS_SESSION_TOKEN": "s3cret\r\nx: y"]) { $1 }, "session token"),
            (Self.keys.merging(["AWS_CREDENTIAL_EXPIRATION": "soon"]) { $1 }, "AWS_CREDENTIAL_EXPIRATION"),
        ]
    )
    func damaged(environment: [String: String], named: String) {
        let error = #expect(throws: CredentialsError.self) { try CredentialsChain(environment: environment).find() }
        #expect(error?.message.contains(named) == true)
        #expect(error?.message.contains("s3cret") == false)
    }

    private static let config = """
        # a comment
        [default]
        region = eu-west-1
        [profile  work]
        region=eu-central-1 ; the office
        endpoint_url = http://127.0.0.1:9000
        aws_access_key_id = config-id
        aws_secret_access_key = config#secret
        s3 =
          endpoint_url = http://nested
        [profile role]
        role_arn = arn:aws:iam::1:role/r
        """
    private static let credentials = """
        [default]
        aws_access_key_id = default-id
        AWS_Secret_Access_Key = default=secret
        [both]
        aws_access_key_id = b
        aws_secret_access_key = bs
        [half]
        aws_access_key_id = h
        [empty]
        region = eu-west-1
        """

    @Test(
        "A profile is read from both files",
        arguments: [
            (nil, "default-id", "default=secret", "eu-west-1", nil),
            ("work", "config-id", "config#secret", "eu-central-1", "http://127.0.0.1:9000"),
            ("both", "b", "bs", nil, nil),
        ] as [(String?, String, String, String?, String?)]
    )
    func profiles(name: String?, id: String, secret: String, region: String?, endpoint: String?) async throws {
        try await withAWSFiles(config: Self.config, credentials: Self.credentials) { files in
            var environment = files
            environment["AWS_PROFILE"] = name
            let source = try CredentialsChain(environment: environment).find().source
            let keys = Credentials(accessKeyID: id, secretAccessKey: secret)
            let file = try #require(files[name == "work" ? "AWS_CONFIG_FILE" : "AWS_SHARED_CREDENTIALS_FILE"])
            #expect(source == .given(keys, by: "profile '\(name ?? "default")' of \(file)"))
            let profile = try SharedProfile(environment: environment)
            #expect(profile.region == region)
            #expect(profile["endpoint_url"] == endpoint)
        }
    }

    @Test(
        "Where a service is, is said by its own settings before those for all",
        arguments: [
            ("s3", "apart", [:], ["http://store", "http://all"]), ("sts", "apart", [:], ["http://all"]),
            ("s3", "plain", [:], ["http://all"]), ("s3", "elsewhere", [:], []), ("s3", "off", [:], []),
            (
                "s3", "apart", ["AWS_ENDPOINT_URL": "http://env", "AWS_ENDPOINT_URL_S3": "http://env-s3"],
                ["http://env-s3", "http://env", "http://store", "http://all"]
            ),
            ("sts", "apart", ["AWS_ENDPOINT_URL_S3": "http://env-s3"], ["http://all"]),
            ("s3", "apart", ["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "True"], []),
            ("s3", "off", ["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"], ["http://all"]),
        ] as [(String, String, [String: String], [String])]
    )
    func endpoints(service: String, profile: String, more: [String: String], urls: [String]) async throws {
        let config = """
            [profile apart]
            services = local
            endpoint_url = http://all
            [profile plain]
            endpoint_url = http://all
            s3 =
              endpoint_url = http://nested
            [profile elsewhere]
            services = missing
            [profile off]
            endpoint_url = http://all
            ignore_configured_endpoint_urls = true
            [services local]
            dynamodb =
              endpoint_url = http://tables
            # comments and
            s3 =

              max_attempts = 2
              endpoint_url = http://store ; nested
            """
        try await withAWSFiles(config: config, credentials: nil) { files in
            var environment = files.merging(more) { $1 }
            environment["AWS_PROFILE"] = profile
            let shared = try SharedProfile(environment: environment)
            let found = EndpointSettings.named(service: service, environment: environment, profile: shared)
            #expect(found.map(\.url) == urls)
        }
    }

    @Test("No file at all may be said by naming the null device")
    func nullDevice() throws {
        let environment = ["AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"]
        #expect(try !SharedProfile(environment: environment).exists)
    }

    @Test(
        "Where there is nothing, the error says what was looked at and the way out",
        arguments: [
            ("role", ["profile 'role'", "role_arn", "source_profile"]),
            ("half", ["profile 'half'", "without the other"]),
            ("absent", ["no profile absent", "/credentials", "/config", "AWS_PROFILE"]),
            ("empty", ["AWS_ACCESS_KEY_ID", "profile empty has no", "AWS_EC2_METADATA_DISABLED"]),
            (nil, ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI"]),
        ] as [(String?, [String])]
    )
    func nothing(profile: String?, named: [String]) async throws {
        let credentials = profile == nil ? nil : Self.credentials
        try await withAWSFiles(config: Self.config, credentials: credentials) { files in
            var environment = files
            environment["AWS_PROFILE"] = profile
            let error = #expect(throws: CredentialsError.self) { try CredentialsChain(environment: environment).find() }
            for text in named { #expect(error?.message.contains(text) == true, "\(String(describing: error))") }
            #expect(error?.canPass == false)
        }
    }

    private static let everything = [
        "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
        "AWS_ROLE_ARN": "arn:aws:iam::1:role/r", "AWS_PROFILE": "both",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "https://agent/credentials", "AWS_EC2_METADATA_DISABLED": "false",
    ]

    @Test(
        "The sources come in the order of every AWS SDK",
        arguments: [
            ([], "environment"),
            (["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"], "web identity for arn:aws:iam::1:role/r"),
            (["AWS_WEB_IDENTITY_TOKEN_FILE"], "profile 'both' of "),
            (["AWS_PROFILE"], "container endpoint 169.254.170.2"),
            (["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"], "container endpoint agent"),
            (["AWS_CONTAINER_CREDENTIALS_FULL_URI"], "instance metadata"),
        ]
    )
    func order(withoutThis names: [String], expected: String) async throws {
        // Each row leaves out the variables of all rows up to it.
        let steps = [
            [], ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"], ["AWS_WEB_IDENTITY_TOKEN_FILE"], ["AWS_PROFILE"],
            ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"], ["AWS_CONTAINER_CREDENTIALS_FULL_URI"],
        ]
        let removed = steps[...(try #require(steps.firstIndex(of: names)))].joined()
        try await withAWSFiles(
            config: "[profile x]\n",
            credentials: "[both]\naws_access_key_id=b\naws_secret_access_key=bs"
        ) {
            files in
            var environment = files.merging(Self.everything) { $1 }
            for name in removed { environment[name] = nil }
            let finding = try CredentialsChain(environment: environment).find()
            #expect(finding.source.name.hasPrefix(expected))
            #expect((finding.looked != nil) == (expected == "instance metadata"))
        }
    }

    @Test("A token file without a role is a fault of the settings, not a source to pass over")
    func tokenWithoutRole() async throws {
        try await withAWSFiles { files in
            let environment = files.merging(["AWS_WEB_IDENTITY_TOKEN_FILE": "/token"]) { $1 }
            let error = #expect(throws: CredentialsError.self) { try CredentialsChain(environment: environment).find() }
            #expect(error?.message.contains("AWS_ROLE_ARN") == true)
        }
    }

    @Test("Files that appear later are found then, and kept")
    func later() async throws {
        try await withAWSFiles { files in
            let credentials = RefreshingCredentials(environment: files)
            await #expect(throws: CredentialsError.self) { try await credentials.load() }
            let path = try #require(files["AWS_SHARED_CREDENTIALS_FILE"])
            try Data("[default]\naws_access_key_id=a\naws_secret_access_key=b".utf8).write(to: URL(filePath: path))
            try await credentials.load()
            try FileManager.default.removeItem(atPath: path)
            #expect(try credentials.credentials().accessKeyID == "a")
        }
    }

    @Test("Files are looked for at home")
    func home() throws {
        let profile = try SharedProfile(environment: ["HOME": "/nowhere"])
        #expect(profile.paths == ["/nowhere/.aws/credentials", "/nowhere/.aws/config"])
        #expect(!profile.exists)
        #expect(try SharedProfile(environment: ["HOME": "/nowhere", "AWS_DEFAULT_PROFILE": "old"]).name == "old")
    }

    @Test("Credentials show no secret, however they are printed")
    func redacted() {
        let credentials = Credentials(accessKeyID: "AKIA", secretAccessKey: "s3cret", sessionToken: "t0ken")
        var dumped = ""
        dump(credentials, to: &dumped)
        dump(CredentialsSource.given(credentials, by: "environment"), to: &dumped)
        dump(RefreshingCredentials(environment: ["AWS_SECRET_ACCESS_KEY": "s3cret"]), to: &dumped)
        dump(CredentialsChain(environment: ["AWS_SECRET_ACCESS_KEY": "s3cret"]), to: &dumped)
        dump(Secret("s3cret"), to: &dumped)
        for text in [
            "\(credentials)", String(reflecting: credentials), dumped, "\([credentials])", "\(Secret("s3cret"))",
        ] {
            #expect(!text.contains("AKIA") && !text.contains("s3cret") && !text.contains("t0ken"))
        }
    }
}
