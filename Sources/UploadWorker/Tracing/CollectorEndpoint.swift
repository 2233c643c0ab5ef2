import Foundation

/// Where spans go; printed, it names the host alone, since a path or query may hold a key.
struct CollectorEndpoint: Sendable, CustomStringConvertible, CustomReflectable {
    let url: String
    let description: String

    /// Nil where none is set.
    init?(_ source: SettingsSource) throws(SettingError) {
        let name = source.otlpName("ENDPOINT")
        guard let text = source.text(name) else { return nil }
        let isWhole = name == "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.contains("#"), isWhole || !text.contains("?"),
            let parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme?.lowercased()),
            let host = parts.host, !host.isEmpty, parts.user == nil, parts.password == nil
        else {
            // Not shown: it may hold a password.
            throw SettingError(
                name,
                "is not the http or https URL of a collector: give http://host:4318, and credentials in "
                    + "OTEL_EXPORTER_OTLP_HEADERS"
            )
        }
        self.url = isWhole ? text : text + (text.hasSuffix("/") ? "v1/traces" : "/v1/traces")
        self.description = parts.port.map { "\(host):\($0)" } ?? host
    }

    var customMirror: Mirror { Mirror(self, children: ["host": self.description]) }
}
