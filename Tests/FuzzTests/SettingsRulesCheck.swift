import AMQP
import Foundation

@testable import UploadWorker

/// What must be true of settings that were accepted.
enum SettingsRulesCheck {
    static func check(_ settings: Settings, of values: [String: String]) throws(Finding) {
        try self.check(settings.broker)
        try Finding.unless((1...10000).contains(settings.rules.maxPartCount), "MAX_PART_COUNT keeps its rule")
        try Finding.unless(
            (1...134_217_728).contains(settings.rules.maxMessageBytes),
            "MAX_MESSAGE_BYTES keeps its rule"
        )
        try Finding.unless(!settings.rules.allowedContentTypes.isEmpty, "there is a content type")
        try self.check(
            [
                settings.sessions.urlExpiry, settings.sessions.expiryGrace, settings.sessions.minimumURLLife,
                settings.sessions.retention, settings.process.shutdownGrace, settings.store.configuration.timeout,
            ] + settings.retry.schedule.milliseconds.map { .milliseconds($0) }
        )
        try Finding.unless(!settings.retry.schedule.milliseconds.isEmpty, "there is a delay")
        if let pattern = values["REPLY_TO_PATTERN"] {
            try Finding.unless(
                (try? NSRegularExpression(pattern: pattern)) != nil,
                "a pattern that is taken is a regular expression by itself"
            )
        }
        try Finding.unless(!"\(settings.store.credentials)".contains("hunter2"), "printed credentials show no secret")
    }

    private static func check(_ broker: BrokerSettings) throws(Finding) {
        try Finding.unless((1...2000).contains(broker.prefetch), "PREFETCH keeps its rule")
        try Finding.unless(!broker.urls.isEmpty, "there is a broker")
        for url in broker.urls {
            try Finding.unless(!url.host.isEmpty && url.port > 0, "a broker has a host and a port")
            // The C library takes these as C strings.
            let texts = [url.host, url.user, url.password, url.virtualHost]
            try Finding.unless(texts.allSatisfy { !$0.utf8.contains(0) }, "a broker's URL is without NUL")
            var other = url
            other.password = "other"
            try Finding.unless(
                String(reflecting: url) == String(reflecting: other),
                "a printed URL is without its password"
            )
        }
    }

    private static func check(_ durations: [Duration]) throws(Finding) {
        for duration in durations {
            try Finding.unless(duration >= .zero, "a duration is not negative")
            try Finding.unless(
                Duration(settingText: duration.settingText) == duration,
                "a duration is written as it is read"
            )
        }
    }
}
