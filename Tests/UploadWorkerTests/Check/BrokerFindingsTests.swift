import AMQP
import Testing
import Uploads

@testable import UploadWorker

@Suite("What a look at the broker means")
struct BrokerFindingsTests {
    private static let rabbit = BrokerInspection.Server(product: "RabbitMQ", version: "4.1.4")

    private static func results(
        _ looks: [BrokerInspection],
        environment: [String: String] = [:],
        host: String = "localhost"
    ) throws -> [CheckResult] {
        let settings = try BrokerSettings(SettingsSource(environment: environment))
        let url = BrokerURL(host: host, user: "worker", password: "s3same")
        return BrokerFindings(settings: settings, looks: looks.map { (url, $0) }).results
    }

    private static func look(
        server: BrokerInspection.Server? = Self.rabbit,
        failure: BrokerError.Reason? = nil,
        _ change: (inout BrokerInspection) -> Void = { _ in }
    ) -> BrokerInspection {
        var look = BrokerInspection()
        look.server = server
        look.failure = failure.map { BrokerError($0, url: nil) }
        change(&look)
        return look
    }

    private static func status(_ name: String, in results: [CheckResult]) -> CheckResult.Status? {
        results.first { $0.name == name }?.status
    }

    @Test(
        "is a failure only where no broker can be used",
        arguments: [
            ([true], [.ok]), ([false], [.failure]), ([true, false], [.ok, .warning]),
            ([false, true], [.warning, .ok]),
            ([false, false], [.failure, .failure]),
        ] as [([Bool], [CheckResult.Status])]
    )
    func several(work: [Bool], expected: [CheckResult.Status]) throws {
        let looks = work.map { $0 ? Self.look() : Self.look(server: nil, failure: .timedOut) }
        let found = try Self.results(looks).filter { $0.name == "broker.connection" }
        #expect(found.map(\.status) == expected)
        #expect(found.allSatisfy { ($0.remedy == nil) == ($0.status == .ok) })
    }

    @Test(
        "knows from which version on a broker will do",
        arguments: [
            ("RabbitMQ", "3.9.29", .failure), ("RabbitMQ", "3.10.0", .ok), ("RabbitMQ", "3.13.7", .ok),
            ("RabbitMQ", "4.0.5", .ok), ("RabbitMQ", "2.99.1", .failure), ("RabbitMQ", "unknown", .failure),
            ("RabbitMQ", "4", .failure), ("RabbitMQ", "", .failure), ("LavinMQ", "2.4.1", .warning),
        ] as [(String, String, CheckResult.Status)]
    )
    func version(product: String, version: String, expected: CheckResult.Status) throws {
        let results = try Self.results([Self.look(server: .init(product: product, version: version))])
        #expect(Self.status("broker.version", in: results) == expected)
    }

    @Test(
        "warns of a password that crosses a network in the clear",
        arguments: [
            ("localhost", .ok), ("127.0.0.1", .ok), ("::1", .ok), ("rabbit.example", .warning), ("10.0.0.1", .warning),
        ] as [(String, CheckResult.Status)]
    )
    func tls(host: String, expected: CheckResult.Status) throws {
        #expect(Self.status("broker.tls", in: try Self.results([Self.look()], host: host)) == expected)
    }

    @Test(
        "takes a missing right for a failure unless it is not needed",
        arguments: [
            (.configure, "true", .failure), (.configure, "false", .ok), (.read, "true", .failure),
            (.read, "false", .failure), (.write, "true", .failure), (.write, "false", .failure),
        ] as [(BrokerInspection.Right, String, CheckResult.Status)]
    )
    func rights(right: BrokerInspection.Right, declares: String, expected: CheckResult.Status) throws {
        let look = Self.look { look in
            look.permissions = [.init(right, "queue a", isGranted: true), .init(right, "queue b", isGranted: false)]
        }
        let results = try Self.results([look], environment: ["DECLARE_TOPOLOGY": declares])
        let found = try #require(results.first { $0.name == "broker.\(right.rawValue)" })
        #expect(found.status == expected)
        #expect(found.detail.contains("queue b") == (expected == .failure))
    }

    @Test("names the first few of many, and says how many more there are")
    func many() throws {
        let look = Self.look { look in
            look.permissions = (1...9).map { .init(.read, "queue q\($0)", isGranted: false) }
        }
        let found = try #require(try Self.results([look]).first { $0.name == "broker.read" })
        #expect(found.detail.contains("queue q1, queue q2, queue q3 and 6 more"))
    }

    @Test(
        "tells a topology that is to come from one that is missing",
        arguments: [
            ([.asDeclared, .asDeclared], "true", [.ok]), ([.asDeclared, .notCompared], "false", [.ok]),
            ([.missing, .asDeclared], "true", [.ok]), ([.missing, .asDeclared], "false", [.failure]),
            ([.differs("406 - x"), .differs("406 - y")], "true", [.failure, .failure]),
            ([.differs("406 - x"), .missing], "true", [.failure, .ok]),
        ] as [([BrokerInspection.State], String, [CheckResult.Status])]
    )
    func topology(states: [BrokerInspection.State], declares: String, expected: [CheckResult.Status]) throws {
        let look = Self.look { look in
            look.entities = states.enumerated().map { .init("queue q\($0.offset)", $0.element) }
        }
        let results = try Self.results([look], environment: ["DECLARE_TOPOLOGY": declares])
        #expect(results.filter { $0.name == "broker.topology" }.map(\.status) == expected)
    }

    @Test("says so where the broker takes no messages, and what else it knows")
    func blocked() throws {
        let look = Self.look(failure: .timedOut) { look in
            look.blockedReason = "low on memory"
            look.permissions = [.init(.read, "queue a", isGranted: true)]
        }
        let results = try Self.results([look])
        #expect(results.first?.detail.contains("low on memory") == true)
        #expect(Self.status("broker.read", in: results) == .ok)
    }

    @Test("never says the password")
    func secrets() throws {
        let looks = [Self.look(), Self.look(server: nil, failure: .loginRefused("ACCESS_REFUSED"))]
        #expect(try !Self.results(looks, host: "rabbit.example").map(\.json).joined().contains("s3same"))
    }
}
