import Foundation
import Testing

@testable import S3
@testable import UploadWorker

@Suite("Fuzzing the settings")
struct SettingsFuzzTests {
    @Test("finds nothing") func run() async throws {
        try await FuzzRun.fromEnvironment.run(SettingsFuzz.self)
    }
}

/// The input is a file for `--config`, of JSON where it begins with a brace. Wherever it says `§`, a secret takes its
/// place in the settings that may hold one.
enum SettingsFuzz: FuzzTarget {
    static let name = "settings"
    /// The main thread reads settings.
    static let stackSize = 8 << 20
    static let deep =
        ["{\"a\":", "{\"PREFETCH\":["].map { Array(String(repeating: $0, count: 100_000).utf8) } + [
            Array(("REPLY_TO_PATTERN=" + String(repeating: "(", count: 100_000)).utf8)
        ]
    static let tokens =
        Self.names.flatMap { ["\n\($0)=", ",\"\($0)\":", $0] }.map { Array($0.utf8) }
        + [
            "\n", "\r\n", "=", "\"", "'", "#", "export ", ",", ":", "{", "}", "[", "]", "null", "true", "false", "0",
            "1", "64", "-1",
            "1.5", "1e3", "9223372036854775808", "30s", "1ms", "7d", "0s", "9223372036854775807d", "amqp://",
            "amqps://", "§", "@",
            "[::1]", "%2f", "%00", "%", "https://", "http://", "/", "?", "\\u0000", "\\n", "\\u2028", "sqlite:",
            "postgres://", "{user_id}",
            "{file_id}", "users/", "video/mp4", "(", ")", ")|(", ".*", "[a-z]+", "(?x)", "\\\\", "\u{2028}", "\u{85}",
            "é", "🎞", " ", "\t",
        ].map { Array($0.utf8) }

    private static let names = [
        "S3_BUCKET", "AMQP_URL", "AMQP_CA_FILE", "AMQP_CERT_FILE", "AMQP_KEY_FILE", "TOPOLOGY_PREFIX",
        "DECLARE_TOPOLOGY",
        "PREFETCH", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
        "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE", "S3_PUBLIC_ENDPOINT", "S3_ADDRESSING_STYLE",
        "S3_TIMEOUT",
        "SESSION_STORE", "KEY_TEMPLATE", "MAX_PART_COUNT", "MAX_MESSAGE_BYTES", "ALLOWED_CONTENT_TYPES", "URL_EXPIRY",
        "EXPIRY_GRACE", "MIN_URL_LIFE", "SESSION_RETENTION", "RETRY_DELAYS", "OUTAGE_AFTER", "REPLY_TO_PATTERN",
        "HTTP_HOST",
        "HTTP_PORT", "LOG_LEVEL", "LOG_FORMAT", "SHUTDOWN_GRACE",
    ]
    /// Those whose value no error may show.
    private static let secretNames: Set = [
        "AMQP_URL", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL",
        "S3_PUBLIC_ENDPOINT", "SESSION_STORE",
    ]
    private static let secret = "hunter2"

    static func check(_ input: [UInt8]) throws(Finding) -> Bool {
        guard
            let values = try self.valueOrError(
                self.names + ["--config"],
                { () throws(SettingError) in try self.read(input) }
            )
        else { return false }
        let planted = values.reduce(into: [String: String]()) { planted, entry in
            let isSecret = self.secretNames.contains(entry.key)
            planted[entry.key] = isSecret ? entry.value.replacing("§", with: self.secret) : entry.value
        }
        try self.checkCredentials(planted)
        let settings = try self.valueOrError(self.names) { () throws(SettingError) in
            try Settings(try SettingsSource(environment: planted))
        }
        guard let settings else { return false }
        try SettingsRulesCheck.check(settings, of: planted)
        return true
    }

    /// The value, or nil for an error that says in one line which setting it is about, and no secret.
    private static func valueOrError<Value>(
        _ names: [String],
        _ read: () throws(SettingError) -> Value
    ) throws(Finding) -> Value? {
        do {
            return try read()
        } catch {
            let text = error.description
            try Finding.unless(text.hasPrefix(error.name), "an error names the setting first: \(text)")
            try Finding.unless(text.allSatisfy { !$0.isNewline }, "an error is of one line: \(text.debugDescription)")
            try Finding.unless(
                text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control },
                "an error is without control characters: \(text.debugDescription)"
            )
            try Finding.unless(!text.contains(self.secret), "an error shows no secret: \(text)")
            try Finding.unless(text.utf8.count < 2000, "an error is short, this one has \(text.utf8.count) bytes")
            // A wrong member of a JSON file goes by its own name.
            let isKnown = names.contains(error.name) || names.contains("--config")
            try Finding.unless(isKnown, "an error names a setting that there is: \(error.name)")
            return nil
        }
    }

    private static func read(_ input: [UInt8]) throws(SettingError) -> [String: String] {
        let path = NSTemporaryDirectory() + "fuzz-\(getpid())." + (input.first == UInt8(ascii: "{") ? "json" : "env")
        _ = FileManager.default.createFile(atPath: path, contents: Data(input))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try SettingsSource(environment: [:], configFile: path).values
    }

    private static func checkCredentials(_ values: [String: String]) throws(Finding) {
        do {
            _ = try Credentials(
                accessKeyID: values["AWS_ACCESS_KEY_ID"],
                secretAccessKey: values["AWS_SECRET_ACCESS_KEY"],
                sessionToken: values["AWS_SESSION_TOKEN"],
                place: "the environment"
            )
        } catch {
            try Finding.unless(
                !"\(error)".contains(self.secret),
                "an error of the credentials shows no secret: \(error)"
            )
        }
    }
}
