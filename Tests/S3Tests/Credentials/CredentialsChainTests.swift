import Foundation
import Testing

@testable import S3

@Suite struct CredentialsChainTests {
    private static let keys = ["AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"]

    @Test("The environment comes first")
    func environment() async throws {
        try await withFiles(credentials: "[default]\naws_access_key_id=file\naws_secret_access_key=file") { files in
            let chain = CredentialsChain(environment: files.merging(Self.keys) { $1 })
            let credentials = try await chain.credentials()
            #expect(credentials == Credentials(accessKeyID: "id", secretAccessKey: "secret"))
        }
    }

    @Test("A session's token and end come along")
    func session() async throws {
        let more = ["AWS_SESSION_TOKEN": "token", "AWS_CREDENTIAL_EXPIRATION": "2030-01-31T12:00:00Z"]
        let credentials = try await CredentialsChain(environment: Self.keys.merging(more) { $1 }).credentials()
        #expect(credentials.sessionToken == "token")
        #expect(credentials.expiresAt == Date(timeIntervalSince1970: 1_896_091_200))
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
    func damaged(environment: [String: String], named: String) async {
        let error = await #expect(throws: CredentialsError.self) {
            try await CredentialsChain(environment: environment).credentials()
        }
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
        try await withFiles(config: Self.config, credentials: Self.credentials) { files in
            var environment = files
            environment["AWS_PROFILE"] = name
            let credentials = try await CredentialsChain(environment: environment).credentials()
            #expect(credentials == Credentials(accessKeyID: id, secretAccessKey: secret))
            let profile = try SharedProfile(environment: environment)
            #expect(profile.region == region)
            #expect(profile.endpointURL == endpoint)
        }
    }

    @Test(
        "Where there is nothing, the error says what was looked at and the way out",
        arguments: [
            ("role", ["profile role", "role_arn"]), ("half", ["profile half", "without the other"]),
            ("absent", ["no profile absent", "/credentials", "/config", "AWS_PROFILE"]),
        ]
    )
    func nothing(profile: String, named: [String]) async throws {
        try await withFiles(config: Self.config, credentials: Self.credentials) { files in
            let environment = files.merging(["AWS_PROFILE": profile]) { $1 }
            let error = await #expect(throws: CredentialsError.self) {
                try await CredentialsChain(environment: environment).credentials()
            }
            for text in named { #expect(error?.message.contains(text) == true, "\(String(describing: error))") }
        }
    }

    @Test("Files that appear later are found then, and kept")
    func later() async throws {
        try await withFiles { files in
            let chain = CredentialsChain(environment: files)
            await #expect(throws: CredentialsError.self) { try await chain.credentials() }
            let path = try #require(files["AWS_SHARED_CREDENTIALS_FILE"])
            try Data("[default]\naws_access_key_id=a\naws_secret_access_key=b".utf8).write(to: URL(filePath: path))
            #expect(try await chain.credentials().accessKeyID == "a")
            try FileManager.default.removeItem(atPath: path)
            #expect(try await chain.credentials().accessKeyID == "a")
        }
    }

    @Test("Files are looked for at home")
    func home() throws {
        let profile = try SharedProfile(environment: ["HOME": "/nowhere"])
        #expect(profile.paths == ["/nowhere/.aws/credentials", "/nowhere/.aws/config"])
        #expect(!profile.exists)
    }

    @Test("Credentials show no secret, however they are printed")
    func redacted() {
        let credentials = Credentials(accessKeyID: "AKIA", secretAccessKey: "s3cret", sessionToken: "t0ken")
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped, "\([credentials])"] {
            #expect(!text.contains("AKIA") && !text.contains("s3cret") && !text.contains("t0ken"))
        }
    }
}

/// The environment that names two files of these texts; a text of nil leaves its file out.
private func withFiles(
    config: String? = nil,
    credentials: String? = nil,
    _ body: ([String: String]) async throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "s3-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = [("AWS_CONFIG_FILE", "config", config), ("AWS_SHARED_CREDENTIALS_FILE", "credentials", credentials)]
    var environment: [String: String] = [:]
    for (variable, name, text) in files {
        let file = folder.appending(path: name)
        if let text { try Data(text.utf8).write(to: file) }
        environment[variable] = file.path
    }
    try await body(environment)
}
