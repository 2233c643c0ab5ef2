/// Headers that let the worker in at the collector: printed, mirrored or dumped, they show no value.
struct SecretHeaders: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let fields: [(name: String, value: String)]

    init(_ source: SettingsSource) throws(SettingError) {
        let name = source.otlpName("HEADERS")
        guard let fields = source.keyValueList(name),
            fields.allSatisfy({ Self.isName($0.key) && Self.isValue($0.value) })
        else {
            throw SettingError(name, "is not a list of header=value, separated by commas, values percent-encoded")
        }
        self.fields = fields.map { (name: $0.key.lowercased(), value: $0.value) }
    }

    var description: String { "\(self.fields.count) headers, redacted" }
    var debugDescription: String { self.description }
    var customMirror: Mirror { Mirror(self, children: []) }

    private static func isName(_ text: String) -> Bool {
        let token = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~".utf8)
        return !text.isEmpty && text.utf8.allSatisfy(token.contains)
    }

    private static func isValue(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x09 }
    }
}
