import Testing

@testable import UploadWorker

@Suite("Trace settings")
struct TraceSettingsTests {
    private static let secret = "an-api-key"

    private static func settings(_ values: [String: String]) throws -> TraceSettings? {
        try TraceSettings(try SettingsSource(environment: values))
    }

    @Test(
        "are none unless there is an endpoint and nothing turns it off",
        arguments: [
            [:], ["OTEL_EXPORTER_OTLP_ENDPOINT": ""],
            ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "true"],
            ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_TRACES_EXPORTER": "none"],
        ]
    )
    func off(values: [String: String]) throws {
        #expect(try Self.settings(values)?.endpoint.url == nil)
    }

    @Test(
        "find the collector's path",
        arguments: [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318", "http://c:4318/v1/traces"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://c/otlp/", "https://c/otlp/v1/traces"),
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c:4318/own", "http://c:4318/own"),
        ]
    )
    func path(name: String, value: String, expected: String) throws {
        #expect(try Self.settings([name: value])?.endpoint.url == expected)
    }

    @Test("have the defaults of OpenTelemetry, and take the variables for traces before those for all signals")
    func values() throws {
        let endpoint = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"]
        let standard = try #require(try Self.settings(endpoint))
        #expect(standard.timeout == .seconds(10))
        #expect(standard.exportTimeout == .seconds(30))
        #expect(standard.scheduleDelay == .seconds(5))
        #expect((standard.queueLimit, standard.batchSize) == (2048, 512))
        let own = try #require(
            try Self.settings(
                endpoint.merging([
                    "OTEL_EXPORTER_OTLP_TIMEOUT": "1", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "2",
                    "OTEL_EXPORTER_OTLP_HEADERS": "a=1", "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "B=2%3D, c=3",
                ]) { $1 }
            )
        )
        #expect(own.timeout == .milliseconds(2))
        #expect(own.headers.fields.map { "\($0.name):\($0.value)" } == ["b:2=", "c:3"])
    }

    @Test("show no secret, however they are printed")
    func secrets() throws {
        let settings = try #require(
            try Self.settings([
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://collector/v1/traces?key=\(Self.secret)",
                "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20\(Self.secret)",
            ])
        )
        var dumped = ""
        dump(settings, to: &dumped)
        for text in ["\(settings)", String(reflecting: settings), dumped] {
            #expect(!text.contains(Self.secret))
            #expect(text.contains("collector"))
        }
    }

    @Test(
        "name the one that breaks its rule, and show no secret",
        arguments: [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "c:4318"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:\(secret)@c"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c/\(secret)#f"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "grpc://c"),
            ("OTEL_EXPORTER_OTLP_HEADERS", secret), ("OTEL_EXPORTER_OTLP_HEADERS", "a b=\(secret)"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a=\(secret)%0d%0Ab:c"), ("OTEL_EXPORTER_OTLP_HEADERS", "a=%zz\(secret)"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a="), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "0"),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/does/not/exist"), ("OTEL_SDK_DISABLED", "perhaps"),
            ("OTEL_RESOURCE_ATTRIBUTES", "service.name"), ("OTEL_TRACES_SAMPLER", "jaeger_remote"),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "0"), ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "2049"),
            ("OTEL_BSP_SCHEDULE_DELAY", "5s"),
        ]
    )
    func wrong(name: String, value: String) {
        let values = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"].merging([name: value]) { $1 }
        #expect { _ = try Self.settings(values) } throws: { error in
            guard let error = error as? SettingError else { return false }
            return error.name == name && !"\(error)".contains(Self.secret)
        }
    }

    @Test("take a share from 0 to 1: one below, at each end, one above", arguments: ["-0.1", "0", "1", "1.1", "half"])
    func share(text: String) throws {
        let values = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_TRACES_SAMPLER": "traceidratio",
            "OTEL_TRACES_SAMPLER_ARG": text,
        ]
        guard ["0", "1"].contains(text) else {
            #expect(throws: SettingError.self) { _ = try Self.settings(values) }
            return
        }
        #expect(try Self.settings(values) != nil)
    }
}
