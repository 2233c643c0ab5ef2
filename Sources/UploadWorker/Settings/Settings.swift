import AMQP
import Foundation
import Logging
import S3
import Uploads

/// Every setting of the worker, checked.
struct Settings: Sendable {
    var broker: BrokerSettings
    var store: StoreSettings
    var rules: UploadRules
    var sessions: SessionSettings
    var retry: RetrySettings
    var results: ResultSettings
    var process: ProcessSettings
    /// Nil where nothing is traced.
    var traces: TraceSettings?

    init(_ source: SettingsSource) throws(SettingError) {
        self.broker = try BrokerSettings(source)
        self.store = try StoreSettings(source)
        self.rules = try UploadRules(source)
        self.sessions = try SessionSettings(source)
        self.retry = try RetrySettings(source)
        self.results = try ResultSettings(source, names: self.broker.topology)
        self.process = try ProcessSettings(source)
        self.traces = try TraceSettings(source)
    }
}

/// How long an upload session may live and where it is kept.
struct SessionSettings: Sendable {
    var database: DatabaseLocation
    /// How long a part's URL is asked to be valid; a signature counts in whole seconds, so a fraction is dropped.
    var urlExpiry: Duration
    var expiryGrace: Duration
    var minimumURLLife: Duration
    var retention: Duration

    init(_ source: SettingsSource) throws(SettingError) {
        self.database = try DatabaseLocation(source)
        self.urlExpiry = try source.duration(
            "URL_EXPIRY",
            in: .seconds(1) ... .seconds(7 * 86400),
            default: .seconds(86400)
        )
        self.expiryGrace = try source.duration("EXPIRY_GRACE", in: .zero ... .days(365), default: .seconds(3600))
        self.minimumURLLife = try Self.minimumURLLife(source)
        self.retention = try source.duration("SESSION_RETENTION", in: .zero ... .days(36500), default: .days(30))
    }

    /// Where credentials end sooner, others are asked for before URLs are signed.
    static func minimumURLLife(_ source: SettingsSource) throws(SettingError) -> Duration {
        try source.duration("MIN_URL_LIFE", in: .zero ... .days(7), default: .seconds(900))
    }
}

struct RetrySettings: Sendable {
    var schedule: RetrySchedule
    var outageAfter: Int

    init(_ source: SettingsSource) throws(SettingError) {
        let delays = try source.durations(
            "RETRY_DELAYS",
            in: .milliseconds(1) ... .days(7),
            default: [.seconds(1), .seconds(10), .seconds(60), .seconds(600)]
        )
        self.schedule = RetrySchedule(milliseconds: delays.map { Int($0.inMilliseconds) })
        self.outageAfter = try source.integer("OUTAGE_AFTER", in: 0...1_000_000, default: 20)
    }
}

struct ResultSettings: Sendable {
    /// What the whole `reply_to` must match; nil allows every name that is not the worker's own.
    var replyToPattern: ReplyToPattern?
    /// Where results for a `reply_to` are published, with that as their key; empty for the default exchange.
    var replyExchange: String

    init(_ source: SettingsSource, names: TopologyNames) throws(SettingError) {
        self.replyExchange = try Self.replyExchange(source, names: names)
        self.replyToPattern = try source.text("REPLY_TO_PATTERN").map { text throws(SettingError) in
            try ReplyToPattern(text)
        }
    }

    static func replyExchange(_ source: SettingsSource, names: TopologyNames) throws(SettingError) -> String {
        guard let name = source.text("REPLY_EXCHANGE") else { return "" }
        guard name.utf8.count <= 255, !names.owns(name) else {
            throw SettingError(
                "REPLY_EXCHANGE",
                value: name,
                "it must be at most 255 bytes and none of the worker's own names"
            )
        }
        return name
    }
}

struct ProcessSettings: Sendable {
    enum LogFormat: String, CaseIterable, Sendable { case json, text }

    /// An address, not a name.
    var httpHost: String
    /// 0 turns the status pages off.
    var httpPort: UInt16
    /// Nil: `info` for the worker, `warning` for commands that a person types.
    var logLevel: Logger.Level?
    /// Nil: text on a terminal, JSON elsewhere.
    var logFormat: LogFormat?
    var shutdownGrace: Duration

    init(_ source: SettingsSource) throws(SettingError) {
        self.httpHost = try Self.httpHost(source)
        self.httpPort = UInt16(try source.integer("HTTP_PORT", in: 0...65535, default: 8080))
        self.logLevel =
            source.text("LOG_LEVEL") == nil ? nil : try source.choice("LOG_LEVEL", default: Logger.Level.info)
        self.logFormat =
            source.text("LOG_FORMAT") == nil ? nil : try source.choice("LOG_FORMAT", default: LogFormat.json)
        self.shutdownGrace = try source.duration("SHUTDOWN_GRACE", in: .zero ... .days(1), default: .seconds(25))
    }

    private static func httpHost(_ source: SettingsSource) throws(SettingError) -> String {
        let given = source.text("HTTP_HOST") ?? "0.0.0.0"
        let host = given == "localhost" ? "127.0.0.1" : given
        var address = in6_addr()
        guard inet_pton(host.contains(":") ? AF_INET6 : AF_INET, host, &address) == 1 else {
            throw SettingError("HTTP_HOST", value: given, "it must be an IP address of this machine")
        }
        return host
    }
}

extension Duration {
    static func days(_ count: Int) -> Duration { .seconds(count * 86400) }
}
