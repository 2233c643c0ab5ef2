/// Typed look-ups; every one names the setting, the value and the rule when the value breaks it.
extension SettingsSource {
    func required(_ name: String, _ wayOut: String) throws(SettingError) -> String {
        guard let text = self.text(name) else { throw SettingError(name, "is not set: \(wayOut)") }
        return text
    }

    func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int) throws(SettingError) -> Int {
        guard let text = self.text(name) else { return fallback }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(text), range.contains(value) else {
            throw SettingError(
                name,
                value: text,
                "it must be a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return value
    }

    func boolean(_ name: String, default fallback: Bool) throws(SettingError) -> Bool {
        guard let text = self.text(name) else { return fallback }
        switch text.lowercased() {
        case "true", "1", "yes": return true
        case "false", "0", "no": return false
        default: throw SettingError(name, value: text, "it must be true or false")
        }
    }

    func duration(
        _ name: String,
        in range: ClosedRange<Duration>,
        default fallback: Duration
    ) throws(SettingError) -> Duration {
        guard let text = self.text(name) else { return fallback }
        return try Self.duration(text, of: name, in: range)
    }

    func durations(
        _ name: String,
        in range: ClosedRange<Duration>,
        default fallback: [Duration]
    ) throws(SettingError) -> [Duration] {
        guard let text = self.text(name) else { return fallback }
        var durations: [Duration] = []
        for element in text.split(separator: ",", omittingEmptySubsequences: false) {
            durations.append(try Self.duration(element.trimmed, of: name, in: range))
        }
        return durations
    }

    func list(_ name: String) -> [String]? {
        self.text(name)?.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmed }
    }

    /// One of the words of an enum, as its raw value.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String,
        default fallback: Choice
    ) throws(SettingError) -> Choice where Choice.RawValue == String {
        guard let text = self.text(name) else { return fallback }
        guard let choice = Choice(rawValue: text.lowercased()) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingError(name, value: text, "it must be one of \(words)")
        }
        return choice
    }

    private static func duration(
        _ text: String,
        of name: String,
        in range: ClosedRange<Duration>
    ) throws(SettingError) -> Duration {
        guard let duration = Duration(settingText: text) else {
            throw SettingError(
                name,
                value: text,
                "it must be a whole number followed by ms, s, m, h or d, for example 30s"
            )
        }
        guard range.contains(duration) else {
            throw SettingError(
                name,
                value: text,
                "it must be from \(range.lowerBound.settingText) to \(range.upperBound.settingText)"
            )
        }
        return duration
    }
}

extension StringProtocol {
    var trimmed: String {
        let spaces: Set<Character> = [" ", "\t"]
        return String(self.drop(while: spaces.contains).reversed().drop(while: spaces.contains).reversed())
    }
}
