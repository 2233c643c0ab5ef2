import AMQP

/// What looks at the brokers mean for a worker.
struct BrokerFindings {
    let settings: BrokerSettings
    let looks: [(url: BrokerURL, inspection: BrokerInspection)]

    /// The first broker that answers speaks for all: they are to be one cluster.
    var results: [CheckResult] {
        let connections = self.looks.map { self.connection($0.url, $0.inspection) }
        guard let (url, look) = self.looks.first(where: { $0.inspection.server != nil }), let server = look.server
        else { return connections }
        let rights = BrokerInspection.Right.allCases.compactMap { self.permissions($0, look, user: url.user) }
        return connections + [self.tls(url), Self.version(server)] + rights + self.topology(look)
    }

    private func connection(_ url: BrokerURL, _ look: BrokerInspection) -> CheckResult {
        let name = "broker.connection"
        if let reason = look.blockedReason {
            return .failure(
                name,
                "\(url): connected, but the broker takes no messages (\(reason))",
                remedy: "free memory or disk on the broker: rabbitmqctl status names the alarm"
            )
        }
        guard let failure = look.failure else { return .ok(name, "\(url)") }
        let detail = "\(url): \(look.server == nil ? "" : "connected, then ")\(failure.shortDescription)"
        let noneWorks = !self.looks.contains { $0.inspection.failure == nil }
        return noneWorks
            ? .failure(name, detail, remedy: failure.reason.remedy)
            : .warning(name, detail, remedy: "\(failure.reason.remedy); the worker uses the next of AMQP_URL meanwhile")
    }

    private func tls(_ url: BrokerURL) -> CheckResult {
        if url.usesTLS {
            let client = self.settings.tls.certificate == nil ? "" : ", with a client certificate"
            return .ok("broker.tls", "TLS, the broker's certificate and host name verified\(client)")
        }
        if Loopback.contains(url.host) { return .ok("broker.tls", "no TLS, and none needed on this machine") }
        return .warning(
            "broker.tls",
            "no TLS: the password and all messages cross the network in the clear",
            remedy: "use amqps:// in AMQP_URL, and AMQP_CA_FILE for an authority of your own"
        )
    }

    private static func version(_ server: BrokerInspection.Server) -> CheckResult {
        let text = "\(server.product) \(server.version)"
        guard server.product == "RabbitMQ" else {
            return .warning(
                "broker.version",
                "\(text): the worker is made for RabbitMQ; permissions and topology were not looked at",
                remedy: "use RabbitMQ 3.10 to 4.x"
            )
        }
        let numbers = server.version.split(separator: ".").prefix(2).compactMap { Int($0) }
        guard numbers.count == 2, !numbers.lexicographicallyPrecedes([3, 10]) else {
            return .failure(
                "broker.version",
                "\(text) has no quorum queues with at-least-once dead-lettering",
                remedy: "use RabbitMQ 3.10 to 4.x"
            )
        }
        return .ok("broker.version", text)
    }

    private func permissions(_ right: BrokerInspection.Right, _ look: BrokerInspection, user: String) -> CheckResult? {
        let asked = look.permissions.filter { $0.right == right }
        guard !asked.isEmpty else { return nil }
        let name = "broker.\(right.rawValue)"
        let denied = asked.filter { !$0.isGranted }.map(\.resource)
        guard !denied.isEmpty else {
            return .ok(name, "user \(user) may \(right.rawValue) all \(asked.count) it needs")
        }
        if right == .configure, !self.settings.declaresTopology {
            return .ok(name, "user \(user) may not configure everything, and need not: DECLARE_TOPOLOGY is false")
        }
        let otherwise =
            right == .configure
            ? ", or run upload-worker setup as another user and set DECLARE_TOPOLOGY=false" : ""
        return .failure(
            name,
            "user \(user) may not \(right.rawValue) \(Self.listed(denied))",
            remedy: "give the \(right.rawValue) permission with rabbitmqctl set_permissions\(otherwise)"
        )
    }

    private func topology(_ look: BrokerInspection) -> [CheckResult] {
        let name = "broker.topology"
        var results = look.entities.compactMap { entity -> CheckResult? in
            guard case .differs(let text) = entity.state else { return nil }
            return .failure(
                name,
                "\(entity.resource) is not as declared: \(Self.withoutCode(text))",
                remedy: "delete it once it is empty and run upload-worker setup, or choose another TOPOLOGY_PREFIX"
            )
        }
        let missing = look.entities.filter { $0.state == .missing }.map(\.resource)
        if !missing.isEmpty { results.append(self.missing(missing)) }
        guard results.isEmpty, !look.entities.isEmpty else { return results }
        let notCompared = look.entities.count { $0.state == .notCompared }
        let note = notCompared == 0 ? "as declared" : "there; only a user who may configure them can compare them"
        return [.ok(name, "all \(look.entities.count) exchanges and queues are \(note)")]
    }

    private func missing(_ resources: [String]) -> CheckResult {
        let detail = "not there: \(Self.listed(resources))"
        return self.settings.declaresTopology
            ? .ok("broker.topology", "\(detail); upload-worker run declares it at its start")
            : .failure(
                "broker.topology",
                detail,
                remedy: "run upload-worker setup: with DECLARE_TOPOLOGY=false the worker declares nothing"
            )
    }

    /// The first few, and how many more.
    private static func listed(_ resources: [String]) -> String {
        let shown = resources.prefix(3).joined(separator: ", ")
        return resources.count > 3 ? "\(shown) and \(resources.count - 3) more" : shown
    }

    private static func withoutCode(_ text: String) -> String {
        text.firstRange(of: " - ").map { String(text[$0.upperBound...]) } ?? text
    }
}

extension BrokerError.Reason {
    /// What to do about a broker that cannot be used.
    fileprivate var remedy: String {
        switch self {
        case .hostNotFound: "put a host name that resolves here into AMQP_URL"
        case .unreachable, .connectionLost: "start the broker, or put its host and port into AMQP_URL"
        case .timedOut, .heartbeatMissed: "look for a firewall in between, or for a broker under alarm; raise --timeout"
        case .certificateRefused: "name the authority that signed the broker's certificate in AMQP_CA_FILE"
        case .hostNameMismatch: "use a DNS name of the broker's certificate in AMQP_URL"
        case .handshakeFailed:
            "use the broker's TLS port, and AMQP_CERT_FILE and AMQP_KEY_FILE if it wants a client certificate"
        case .unusableFile: "give PEM files in AMQP_CA_FILE, AMQP_CERT_FILE and AMQP_KEY_FILE"
        case .loginRefused: "put the right user and password into AMQP_URL"
        case .virtualHostRefused: "create the virtual host of AMQP_URL, and let the user enter it"
        case .channelClosed, .connectionClosed, .protocolViolation: "look into the broker's log"
        case .outOfResources: "give this process more memory, files or threads"
        }
    }
}

enum Loopback {
    static func contains(_ host: String) -> Bool {
        host == "localhost" || host.hasPrefix("127.") || host == "::1" || host == "[::1]"
    }
}
