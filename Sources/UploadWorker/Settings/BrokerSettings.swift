import AMQP
import Foundation
import Uploads

struct BrokerSettings: Sendable {
    var urls: [BrokerURL]
    var tls: TLSFiles
    var topology: TopologyNames
    var declaresTopology: Bool
    /// Unacknowledged requests per queue, and so its concurrency.
    var prefetch: UInt16

    init(_ source: SettingsSource) throws(SettingError) {
        self.urls = try Self.urls(source.list("AMQP_URL") ?? ["amqp://guest:guest@localhost:5672"])
        self.tls = TLSFiles(
            authorities: try source.readableFile("AMQP_CA_FILE"),
            certificate: try source.readableFile("AMQP_CERT_FILE"),
            key: try source.readableFile("AMQP_KEY_FILE")
        )
        if (self.tls.certificate == nil) != (self.tls.key == nil) {
            let missing = self.tls.key == nil ? "AMQP_KEY_FILE" : "AMQP_CERT_FILE"
            throw SettingError(
                missing,
                "is not set: a client certificate needs AMQP_CERT_FILE and AMQP_KEY_FILE together"
            )
        }
        self.topology = TopologyNames(prefix: try Self.prefix(source.text("TOPOLOGY_PREFIX") ?? "uploads"))
        self.declaresTopology = try source.boolean("DECLARE_TOPOLOGY", default: true)
        self.prefetch = UInt16(try source.integer("PREFETCH", in: 1...2000, default: 64))
    }

    func connection(named name: String) -> BrokerConfiguration {
        BrokerConfiguration(urls: self.urls, tls: self.tls, connectionName: name)
    }

    private static func urls(_ texts: [String]) throws(SettingError) -> [BrokerURL] {
        var urls: [BrokerURL] = []
        for text in texts {
            do {
                urls.append(try BrokerURL(parsing: text))
            } catch {
                // The text itself may hold a password and is not shown.
                throw SettingError(
                    "AMQP_URL",
                    "is not an AMQP URL (\(error)): give amqp://user:password@host:5672/vhost"
                )
            }
        }
        return urls
    }

    /// Names of queues are at most 255 bytes; the longest suffix of ours takes 32 of them.
    private static func prefix(_ text: String) throws(SettingError) -> String {
        let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-".utf8)
        guard text.utf8.count <= 200, text.utf8.allSatisfy(allowed.contains), !text.hasPrefix("amq.") else {
            throw SettingError(
                "TOPOLOGY_PREFIX",
                value: text,
                "it must be 1 to 200 of A-Z a-z 0-9 . _ - and not begin with amq."
            )
        }
        return text
    }
}

extension SettingsSource {
    /// The path of a file that this process can read now, or nil where the setting is absent.
    func readableFile(_ name: String) throws(SettingError) -> String? {
        guard let path = self.text(name) else { return nil }
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw SettingError(name, value: path, "the file does not exist or cannot be read")
        }
        return path
    }
}
