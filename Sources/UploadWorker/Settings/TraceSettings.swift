import Foundation

/// What is traced, and where its spans go: the variables of OpenTelemetry's SDKs, under their names and with their defaults.
/// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
struct TraceSettings: Sendable {
    var endpoint: CollectorEndpoint
    var headers: SecretHeaders
    /// For one try.
    var timeout: Duration
    /// For a batch with all its tries.
    var exportTimeout: Duration
    var caFile: String?
    var resource: [SpanAttribute]
    var sampler: Sampler
    var scheduleDelay: Duration
    var queueLimit: Int
    var batchSize: Int

    /// Nil where nothing is to be traced.
    init?(_ source: SettingsSource) throws(SettingError) {
        guard try !source.boolean("OTEL_SDK_DISABLED", default: false), source.text("OTEL_TRACES_EXPORTER") != "none",
            let endpoint = try CollectorEndpoint(source)
        else { return nil }
        try Self.checkProtocol(source)
        self.endpoint = endpoint
        self.headers = try SecretHeaders(source)
        self.timeout = try source.milliseconds(source.otlpName("TIMEOUT"), default: 10_000)
        self.exportTimeout = try source.milliseconds("OTEL_BSP_EXPORT_TIMEOUT", default: 30_000)
        self.caFile = try source.readableFile(source.otlpName("CERTIFICATE"))
        self.resource = try Self.resource(source)
        self.sampler = try Sampler(source)
        self.scheduleDelay = try source.milliseconds("OTEL_BSP_SCHEDULE_DELAY", default: 5000)
        self.queueLimit = try source.integer("OTEL_BSP_MAX_QUEUE_SIZE", in: 1...1_000_000, default: 2048)
        let standard = min(512, self.queueLimit)
        self.batchSize = try source.integer(
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
            in: 1...self.queueLimit,
            default: standard
        )
    }

    /// Collectors take JSON where they take protobuf over HTTP.
    private static func checkProtocol(_ source: SettingsSource) throws(SettingError) {
        let name = source.otlpName("PROTOCOL")
        guard let text = source.text(name), !text.hasPrefix("http/") else { return }
        throw SettingError(name, value: text, "spans go by http/json: give that, and the collector's HTTP port")
    }

    private static func resource(_ source: SettingsSource) throws(SettingError) -> [SpanAttribute] {
        let name = "OTEL_RESOURCE_ATTRIBUTES"
        var values = [
            "service.name": "upload-worker", "service.version": UploadWorkerCommand.configuration.version,
            "service.instance.id": UUID().uuidString.lowercased(), "telemetry.sdk.name": "upload-worker",
            "telemetry.sdk.language": "swift", "process.pid": "\(ProcessInfo.processInfo.processIdentifier)",
        ]
        guard let given = source.keyValueList(name) else {
            throw SettingError(name, "is not a list of name=value, separated by commas")
        }
        for (key, value) in given { values[key] = value }
        if let service = source.text("OTEL_SERVICE_NAME") { values["service.name"] = service }
        return values.sorted { $0.key < $1.key }.map { SpanAttribute(name: $0.key, value: .text($0.value)) }
    }
}

extension SettingsSource {
    /// A whole number of milliseconds, as OpenTelemetry writes durations.
    fileprivate func milliseconds(_ name: String, default fallback: Int) throws(SettingError) -> Duration {
        .milliseconds(try self.integer(name, in: 1...86_400_000, default: fallback))
    }

    /// The variable for traces where it is set, or else the one for all signals.
    func otlpName(_ name: String) -> String {
        let own = "OTEL_EXPORTER_OTLP_TRACES_\(name)"
        return self.text(own) == nil ? "OTEL_EXPORTER_OTLP_\(name)" : own
    }

    /// `name=value` pairs, separated by commas, percent escapes decoded; empty where not set, nil where it is not that.
    func keyValueList(_ name: String) -> [(key: String, value: String)]? {
        var pairs: [(key: String, value: String)] = []
        for element in self.list(name) ?? [] where !element.isEmpty {
            guard let equals = element.firstIndex(of: "=") else { return nil }
            let key = element[..<equals].trimmed
            guard !key.isEmpty, let value = element[element.index(after: equals)...].trimmed.removingPercentEncoding
            else { return nil }
            pairs.append((key, value))
        }
        return pairs
    }
}
