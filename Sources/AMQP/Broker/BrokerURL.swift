/// Where a broker is and as whom to log in: `amqp://user:password@host:5672/vhost` or `amqps://…`.
///
/// No path, or `/` alone, is the virtual host `/`. Printing one never shows the password.
package struct BrokerURL: Hashable, Sendable {
    package var host: String
    package var port: UInt16
    package var user: String
    package var password: String
    package var virtualHost: String
    package var usesTLS: Bool

    package init(
        host: String,
        port: UInt16? = nil,
        user: String = "guest",
        password: String = "guest",
        virtualHost: String = "/",
        usesTLS: Bool = false
    ) {
        self.host = host
        self.port = port ?? (usesTLS ? 5671 : 5672)
        self.user = user
        self.password = password
        self.virtualHost = virtualHost
        self.usesTLS = usesTLS
    }
}

/// What is wrong with a broker's URL; never says the password.
package enum BrokerURLError: Error, Equatable, Sendable {
    case unknownScheme
    case missingHost
    case invalidPort
    case invalidEscape
    case unexpectedPart(String)
}

extension BrokerURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The address without the password.
    package var description: String {
        let host = self.host.contains(":") ? "[\(self.host)]" : self.host
        return
            "\(self.usesTLS ? "amqps" : "amqp")://\(self.user)@\(host):\(self.port) (virtual host \(self.virtualHost))"
    }

    package var debugDescription: String { self.description }

    package var customMirror: Mirror { Mirror(self, children: ["url": self.description]) }
}

extension BrokerURLError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownScheme: "a broker URL begins with amqp:// or amqps://"
        case .missingHost: "the broker URL names no host"
        case .invalidPort: "the port in the broker URL is not a number from 1 to 65535"
        case .invalidEscape: "a % in the broker URL is not followed by two hexadecimal digits of UTF-8 text"
        case .unexpectedPart(let part): "the broker URL has \(part)"
        }
    }
}
