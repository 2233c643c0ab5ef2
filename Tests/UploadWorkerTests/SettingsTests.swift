import Foundation
import Testing

@testable import UploadWorker

@Suite("Settings")
struct SettingsTests {
    private static func settings(_ changes: [String: String]) throws -> Settings {
        let base = [
            "S3_BUCKET": "media", "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s",
        ]
        return try Settings(try SettingsSource(environment: base.merging(changes) { $1 }))
    }

    @Test("show no value where they are printed as they were given")
    func secrecy() throws {
        let source = try SettingsSource(environment: ["AWS_SECRET_ACCESS_KEY": "hunter2"])
        var dumped = ""
        dump(source, to: &dumped)
        #expect(!"\(source) \(String(reflecting: source)) \(dumped)".contains("hunter2"))
        #expect("\(source)".contains("AWS_SECRET_ACCESS_KEY"))
    }

    @Test("have the contract's defaults")
    func defaults() throws {
        let settings = try Self.settings([:])
        #expect(settings.broker.prefetch == 64)
        #expect(settings.broker.declaresTopology)
        #expect(settings.broker.urls.map(\.port) == [5672])
        #expect(settings.store.configuration.timeout == .seconds(30))
        #expect(settings.sessions.database == .sqlite(path: "upload-sessions.sqlite"))
        #expect(settings.sessions.urlExpiry == .seconds(86400))
        #expect(settings.sessions.expiryGrace == .seconds(3600))
        #expect(settings.sessions.minimumURLLife == .seconds(900))
        #expect(settings.sessions.retention == .seconds(30 * 86400))
        #expect(settings.retry.schedule.milliseconds == [1000, 10_000, 60_000, 600_000])
        #expect(settings.retry.outageAfter == 20)
        #expect(settings.rules.maxPartCount == 20)
        #expect(settings.rules.maxMessageBytes == 65536)
        #expect(settings.rules.allowedContentTypes.count == 12)
        #expect(settings.process.httpHost == "0.0.0.0")
        #expect(settings.process.httpPort == 8080)
        #expect(settings.process.shutdownGrace == .seconds(25))
        #expect(settings.results.replyExchange.isEmpty)
    }

    @Test(
        "name the setting that breaks its rule",
        arguments: [
            ("S3_BUCKET", ""), ("S3_BUCKET", "a/b"), ("PREFETCH", "0"), ("PREFETCH", "2001"), ("PREFETCH", "many"),
            ("PREFETCH", "+5"), ("S3_TIMEOUT", "30"), ("S3_TIMEOUT", "0s"), ("S3_ADDRESSING_STYLE", "subdomain"),
            ("AWS_ENDPOINT_URL_S3", "localhost:9000"), ("S3_PUBLIC_ENDPOINT", "ftp://media"),
            ("SESSION_STORE", "mysql://db"), ("SESSION_STORE", "postgres://h:x:y/db"), ("SESSION_STORE", "sqlite:"),
            ("MAX_PART_COUNT", "0"), ("MAX_PART_COUNT", "10001"), ("MAX_MESSAGE_BYTES", "-1"),
            ("ALLOWED_CONTENT_TYPES", "jpeg"), ("ALLOWED_CONTENT_TYPES", "image/jpeg,,image/png"),
            ("KEY_TEMPLATE", "uploads/{file_id}"), ("KEY_TEMPLATE", "{user}/{file_id}"),
            ("URL_EXPIRY", "0s"), ("URL_EXPIRY", "8d"), ("URL_EXPIRY", "999ms"), ("EXPIRY_GRACE", "soon"),
            ("MIN_URL_LIFE", "15"), ("SESSION_RETENTION", "-1d"), ("RETRY_DELAYS", "1s,,2s"), ("RETRY_DELAYS", "0s"),
            ("OUTAGE_AFTER", "x"), ("REPLY_TO_PATTERN", "("), ("REPLY_TO_PATTERN", "a)|(b"), ("HTTP_PORT", "65536"),
            ("LOG_LEVEL", "loud"),
            ("LOG_FORMAT", "xml"), ("SHUTDOWN_GRACE", "1"), ("DECLARE_TOPOLOGY", "maybe"),
            ("TOPOLOGY_PREFIX", "amq.uploads"), ("TOPOLOGY_PREFIX", "up loads"), ("AMQP_URL", "http://broker"),
            ("AMQP_CA_FILE", "/does/not/exist"), ("REPLY_EXCHANGE", "uploads.start"),
            ("REPLY_EXCHANGE", "uploads.retry.7"), ("REPLY_EXCHANGE", String(repeating: "x", count: 256)),
        ]
    )
    func nameTheSetting(name: String, value: String) {
        #expect { try Self.settings([name: value]) } throws: { error in
            guard let error = error as? SettingError else { return false }
            return error.name == name && error.description.hasPrefix(name) && !error.description.contains("\n")
        }
    }

    @Test(
        "are shown on one line without control characters",
        arguments: ["\n", "\u{7F}", "\u{85}", "\u{9B}", "\u{2028}"]
    )
    func oneLine(character: String) {
        for error in [
            SettingError("PREFETCH", value: "6\(character)4", "it must be 1"), SettingError("a\(character)b", "c"),
        ] {
            #expect(error.description.unicodeScalars.allSatisfy { "\($0)" != character })
            #expect(error.description.contains("\u{FFFD}"))
        }
    }

    @Test("never show the password of a broker's URL")
    func hidePasswords() {
        #expect { try Self.settings(["AMQP_URL": "amqp://user:hunter2@host:port"]) } throws: { error in
            !"\(error)".contains("hunter2")
        }
    }

    @Test(
        "read durations",
        arguments: [
            ("0ms", Duration.zero), ("250ms", .milliseconds(250)), ("30s", .seconds(30)), ("2m", .seconds(120)),
            ("24h", .seconds(86400)), ("7d", .seconds(7 * 86400)),
        ]
    )
    func readDurations(text: String, expected: Duration) {
        #expect(Duration(settingText: text) == expected)
    }

    @Test(
        "refuse other durations",
        arguments: ["", "5", "s", "1.5s", "-1s", " 1s", "1 s", "1S", "99999999999999999999d", "1w"]
    )
    func refuseDurations(text: String) {
        #expect(Duration(settingText: text) == nil)
    }

    @Test("come from a file, and the environment wins", arguments: ["env", "json"])
    func comeFromFile(ending: String) throws {
        let text = [
            "env":
                "# comment\n\nS3_BUCKET=\"from file\"\nexport PREFETCH = 7\nDECLARE_TOPOLOGY=false\nLOG_LEVEL='debug'\n",
            "json":
                #"{"S3_BUCKET": "from file", "PREFETCH": 7, "DECLARE_TOPOLOGY": false, "LOG_LEVEL": "debug", "X": null}"#,
        ]
        let path = NSTemporaryDirectory() + "settings-\(UUID().uuidString).\(ending)"
        try #require(text[ending]).write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let source = try SettingsSource(environment: ["LOG_LEVEL": "error", "PREFETCH": ""], configFile: path)
        #expect(source.text("S3_BUCKET") == "from file")
        #expect(try source.integer("PREFETCH", in: 1...2000, default: 64) == 7)
        #expect(try source.boolean("DECLARE_TOPOLOGY", default: true) == false)
        #expect(source.text("LOG_LEVEL") == "error")
    }

    @Test(
        "in a file that everyone can read are told of, if there are secrets among them",
        arguments: [
            ("AWS_SECRET_ACCESS_KEY=s", 0o644, true), ("AWS_SESSION_TOKEN=t", 0o604, true),
            ("AMQP_URL=amqp://u:p@broker", 0o644, true), ("AMQP_URL=amqp://broker", 0o644, false),
            ("SESSION_STORE=postgres://db/uploads?password=p", 0o644, true),
            ("OTEL_EXPORTER_OTLP_HEADERS=x-api-key=k", 0o644, true),
            ("OTEL_EXPORTER_OTLP_TRACES_HEADERS=x-api-key=k", 0o644, true),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN=t", 0o644, true),
            ("S3_BUCKET=media", 0o644, false), ("AWS_SECRET_ACCESS_KEY=", 0o644, false),
            ("AWS_SECRET_ACCESS_KEY=s", 0o640, false), ("AWS_SECRET_ACCESS_KEY=s", 0o600, false),
        ]
    )
    func exposedFile(line: String, mode: Int, isTold: Bool) throws {
        let path = NSTemporaryDirectory() + "settings-\(UUID().uuidString).env"
        try Data(line.utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        let environment = ["AWS_SHARED_CREDENTIALS_FILE": "/does/not/exist"]
        let source = try SettingsSource(environment: environment, configFile: path)
        #expect(Confidentiality.exposedFiles(source, configFile: path) == (isTold ? [path] : []))
    }

    @Test(
        "of AWS's shared credentials file, that it is open to everyone",
        arguments: [("AWS_SHARED_CREDENTIALS_FILE", "credentials"), ("HOME", ".aws/credentials")],
        [(0o644, true), (0o600, false)]
    )
    func exposedCredentials(place: (name: String, file: String), mode: (bits: Int, isTold: Bool)) throws {
        let folder = URL(filePath: NSTemporaryDirectory() + "shared-\(UUID().uuidString)")
        let file = folder.appending(path: place.file)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("[default]".utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: mode.bits], ofItemAtPath: file.path)
        let value = place.name == "HOME" ? folder.path : file.path
        let source = try SettingsSource(environment: [place.name: value])
        #expect(Confidentiality.exposedFiles(source, configFile: nil) == (mode.isTold ? [file.path] : []))
    }

    @Test("of a file that cannot be read name the file")
    func missingFile() {
        #expect { try SettingsSource(environment: [:], configFile: "/does/not/exist.env") } throws: { error in
            "\(error)".contains("/does/not/exist.env")
        }
    }
}
