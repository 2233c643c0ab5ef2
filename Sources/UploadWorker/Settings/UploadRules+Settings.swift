import Uploads

extension UploadRules {
    init(_ source: SettingsSource) throws(SettingError) {
        let standard = UploadRules()
        self.init(
            maxPartCount: try source.integer("MAX_PART_COUNT", in: 1...10000, default: standard.maxPartCount),
            allowedContentTypes: try Self.contentTypes(source) ?? standard.allowedContentTypes,
            maxMessageBytes: try source.integer(
                "MAX_MESSAGE_BYTES",
                in: 1...134_217_728,
                default: standard.maxMessageBytes
            ),
            keyTemplate: try Self.keyTemplate(source) ?? standard.keyTemplate
        )
    }

    private static func contentTypes(_ source: SettingsSource) throws(SettingError) -> Set<String>? {
        guard let types = source.list("ALLOWED_CONTENT_TYPES") else { return nil }
        for type in types where !Self.isMediaType(type) {
            throw SettingError(
                "ALLOWED_CONTENT_TYPES",
                value: type,
                "it must be a list of type/subtype, separated by commas"
            )
        }
        return Set(types)
    }

    private static func keyTemplate(_ source: SettingsSource) throws(SettingError) -> KeyTemplate? {
        guard let template = source.text("KEY_TEMPLATE") else { return nil }
        do {
            return try KeyTemplate(parsing: template)
        } catch {
            throw SettingError("KEY_TEMPLATE", value: template, "\(error)")
        }
    }

    private static func isMediaType(_ text: String) -> Bool {
        let token = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$&-^_.+".utf8)
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        return halves.count == 2 && halves.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(token.contains) }
    }
}
