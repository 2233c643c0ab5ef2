import Foundation

/// Where settings are looked up: the environment first, then the file given with `--config`.
///
/// An empty value counts as absent in both, as in every AWS SDK.
struct SettingsSource: Sendable {
    let values: [String: String]
    /// Whether the file gives a password, a secret key or a token.
    let fileHoldsSecrets: Bool

    init(environment: [String: String], configFile: String? = nil) throws(SettingError) {
        let given = environment.filter { !$0.value.isEmpty }
        guard let configFile else {
            self.values = given
            self.fileHoldsSecrets = false
            return
        }
        let file = try Self.read(configFile).filter { !$0.value.isEmpty }
        self.values = file.merging(given) { _, wins in wins }
        self.fileHoldsSecrets = file.contains(where: Self.isSecret)
    }

    private static func isSecret(_ name: String, _ value: String) -> Bool {
        switch name {
        case "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS":
            true
        // The user and the password of a URL come before this sign; libpq takes the password as a parameter, too.
        case "AMQP_URL", "SESSION_STORE": value.contains("@") || value.contains("password=")
        default: false
        }
    }

    func text(_ name: String) -> String? { self.values[name] }

    private static func read(_ path: String) throws(SettingError) -> [String: String] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SettingError(
                "--config",
                value: path,
                "the file cannot be read; give the path of a .env or .json file"
            )
        }
        guard let text = String(bytes: data, encoding: .utf8) else {
            throw SettingError("--config", value: path, "the file is not UTF-8 text")
        }
        return path.hasSuffix(".json") ? try self.json(data, path: path) : try self.dotEnv(text, path: path)
    }

    private static func json(_ data: Data, path: String) throws(SettingError) -> [String: String] {
        let object: Any
        do {
            object = try JSONSerialization.jsonObject(with: data)
        } catch {
            throw SettingError("--config", value: path, "the file is not valid JSON")
        }
        guard let members = object as? [String: Any] else {
            throw SettingError("--config", value: path, "the file must hold one JSON object of names and values")
        }
        var values: [String: String] = [:]
        for (name, value) in members {
            switch value {
            case is NSNull: continue
            case let text as String: values[name] = text
            case let number as NSNumber: values[name] = Self.text(of: number)
            case let list as [String]: values[name] = list.joined(separator: ",")
            default: throw SettingError(name, "must be a string, a number, true or false in \(path)")
            }
        }
        return values
    }

    private static func text(of number: NSNumber) -> String {
        // JSONSerialization gives true and false as NSNumber of the type "c" and numbers as "q", "Q" or "d".
        String(cString: number.objCType) == "c" ? (number.boolValue ? "true" : "false") : number.stringValue
    }

    /// Lines of `NAME=value`; `export ` before the name, `#` comments and one pair of quotes around the value are allowed.
    private static func dotEnv(_ text: String, path: String) throws(SettingError) -> [String: String] {
        var values: [String: String] = [:]
        for (index, rawLine) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            var line = rawLine.trimmingCharacters(in: .whitespaces.union(.newlines))
            if line.isEmpty || line.hasPrefix("#") { continue }
            if line.hasPrefix("export ") { line.removeFirst("export ".count) }
            guard let equals = line.firstIndex(of: "=") else {
                throw SettingError("--config", value: path, "line \(index + 1) is not NAME=value")
            }
            let name = line[..<equals].trimmingCharacters(in: .whitespaces)
            let value = line[line.index(after: equals)...].trimmingCharacters(in: .whitespaces)
            values[name] = Self.unquoted(value)
        }
        return values
    }

    private static func unquoted(_ value: String) -> String {
        for quote in ["\"", "'"] where value.count >= 2 && value.hasPrefix(quote) && value.hasSuffix(quote) {
            return String(value.dropFirst().dropLast())
        }
        return value
    }
}

/// Printed or dumped, it shows names alone: many a value is a secret.
extension SettingsSource: CustomStringConvertible, CustomReflectable {
    var description: String { "SettingsSource(\(self.values.keys.sorted().joined(separator: ", ")))" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
