import Testing

@testable import AMQP

@Suite("Connecting to a real broker", .enabled(if: TestBroker.isAvailable))
struct OpeningTests {
    @Test("tells a wrong password and a wrong virtual host, and never says the password")
    func login() async throws {
        var configuration = try TestBroker.configuration()
        configuration.urls[0].password = "s3cret-but-wrong"
        let login = await failure(configuration)
        #expect(login?.isPermanent == true)
        guard case .loginRefused = login?.reason else {
            Issue.record("not told as a refused login: \(String(describing: login))")
            return
        }
        #expect("\(String(describing: login))".contains("s3cret") == false)

        configuration = try TestBroker.configuration()
        configuration.urls[0].virtualHost = "no-such-host"
        guard case .virtualHostRefused(let text) = await failure(configuration)?.reason else {
            Issue.record("not told as a refused virtual host")
            return
        }
        #expect(text.contains("no-such-host"))
    }

    @Test("keeps a queue that an older broker was asked for without a delivery limit, and no other")
    func upgraded() async throws {
        let name = TestBroker.uniqueName()
        let quorum: FieldTable = ["x-queue-type": "quorum"]
        let queue = QueueDeclaration(name: name, arguments: quorum, hasNoDeliveryLimit: true)
        var other = queue
        other.arguments["x-max-length"] = 10
        let kept = try await TestBroker.withConnection { [other] connection throws(BrokerError) in
            let before = try connection.isKept(queue, onBrokerOfVersion: 4)
            try connection.declare(queue, channel: BrokerConnection.channel)
            return [
                before, try connection.isKept(queue, onBrokerOfVersion: 4),
                try connection.isKept(queue, onBrokerOfVersion: 3), try connection.isKept(other, onBrokerOfVersion: 4),
            ]
        }
        #expect(kept == [false, true, false, false])
        try await TestBroker.delete(name)
    }

    @Test("declares the same again, and tells where it differs from what is there")
    func inequivalent() async throws {
        let queue = TestBroker.uniqueName()
        let exchange = TestBroker.uniqueName("exchange")
        var topology = Topology(
            exchanges: [ExchangeDeclaration(name: exchange, kind: .topic, isDurable: false)],
            queues: [QueueDeclaration(name: queue, arguments: ["x-expires": 60_000])],
            bindings: [QueueBinding(queue: queue, exchange: exchange, routingKey: "#")]
        )
        for _ in 0..<2 { try await declare(topology, configuration: TestBroker.configuration(), logger: quiet) }
        try await withPublisher(TestBroker.configuration()) { publisher in
            let publication = Publication(exchange: AMQPString(exchange), routingKey: "any", body: [])
            let outcome = try await publisher.publish(publication)
            #expect(outcome == .confirmed)
        }
        topology.queues[0].arguments["x-expires"] = 70_000
        let error = await #expect(throws: BrokerError.self) {
            try await declare(topology, configuration: TestBroker.configuration(), logger: quiet)
        }
        #expect(error?.isPermanent == true)
        #expect(error?.description.contains(queue) == true)
        #expect(error?.description.contains("406") == true)
        let consumer = Consumer(
            configuration: try TestBroker.configuration(),
            queues: [queue],
            prefetch: 1,
            bodyLimit: 1,
            topology: topology,
            logger: quiet
        )
        await #expect(throws: BrokerError.self) { try await consumer.run { _ in } }
    }

    @Test("of a port where nobody listens says so, and can pass")
    func nobody() async throws {
        let port = try TestSocket.listening().port
        let error = await failure(
            BrokerConfiguration(urls: [BrokerURL(host: "127.0.0.1", port: port)], connectionName: "t")
        )
        guard case .unreachable = error?.reason else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.isPermanent == false)
        #expect(error?.description.contains("127.0.0.1:\(port)") == true)
    }

    @Test("of a host without an address says so")
    func noHost() async {
        let error = await failure(
            BrokerConfiguration(urls: [BrokerURL(host: "no-such-host.invalid")], connectionName: "t")
        )
        #expect(error?.reason == .hostNotFound)
    }
}

@Suite("Connecting to a real broker by TLS", .enabled(if: TestBroker.hasTLS))
struct TLSTests {
    @Test("works with the authority's certificate, and with the client's")
    func works() async throws {
        var configuration = try Self.configuration()
        #expect(await failure(configuration) == nil)
        configuration.tls.certificate = "\(TestBroker.tlsDirectory)/client.pem"
        configuration.tls.key = "\(TestBroker.tlsDirectory)/client.key"
        #expect(await failure(configuration) == nil)
    }

    @Test("publishes and consumes bodies over many records")
    func roundTrip() async throws {
        let queue = TestBroker.uniqueName()
        let topology = Topology.queue(queue, arguments: ["x-expires": 60_000])
        let body = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await withConsumer(Self.configuration(), queues: [queue], topology: topology) { consumer, deliveries in
            try await withPublisher(Self.configuration(), topology: topology) { publisher in
                for _ in 0..<20 {
                    _ = try await publisher.publish(
                        Publication(exchange: "", routingKey: AMQPString(queue), body: body)
                    )
                }
            }
            for _ in 0..<20 {
                let delivery = try #require(await deliveries.next())
                #expect(delivery.body == body)
                consumer.acknowledge(delivery)
            }
        }
    }

    @Test("survives connections cut in the middle of records")
    func cut() async throws {
        let queue = TestBroker.uniqueName()
        let topology = Topology.queue(queue, arguments: ["x-expires": 60_000])
        let url = try TestBroker.tlsURL()
        try await CuttingProxy.with(target: url.port) { proxy in
            var configuration = try Self.configuration()
            configuration.urls[0].port = proxy.port
            try await withPublisher(configuration, topology: topology) { publisher in
                for number in 0..<5 {
                    var publication = Publication.of(queue)
                    publication.body = [UInt8](repeating: 1, count: 2_000_000)
                    publication.properties.messageID = AMQPString("\(number)")
                    async let outcome = publisher.publish(publication)
                    proxy.cut()
                    let settled = try await outcome
                    #expect(settled == .confirmed)
                    proxy.cut()
                }
                #expect(publisher.reconnections > 0)
            }
        }
    }

    @Test("refuses a certificate that the authority has not signed")
    func wrongAuthority() async throws {
        var configuration = try Self.configuration()
        configuration.tls.authorities = nil
        #expect(await failure(configuration)?.reason == .certificateRefused)
        // A client's certificate is no authority.
        configuration.tls.authorities = "\(TestBroker.tlsDirectory)/client.pem"
        #expect(await failure(configuration)?.reason == .certificateRefused)
    }

    @Test("refuses a certificate for another host")
    func wrongHost() async throws {
        var configuration = try Self.configuration()
        configuration.urls[0].host = "127.0.0.1"
        #expect(await failure(configuration)?.reason == .hostNameMismatch)
    }

    @Test("names a file that it cannot use")
    func wrongFiles() async throws {
        var configuration = try Self.configuration()
        configuration.tls.authorities = "/no/such/file.pem"
        #expect(await failure(configuration)?.reason == .unusableFile("/no/such/file.pem"))
        configuration = try Self.configuration()
        configuration.tls.certificate = "\(TestBroker.tlsDirectory)/client.pem"
        #expect(await failure(configuration)?.isPermanent == true)
        configuration.tls.key = "\(TestBroker.tlsDirectory)/server.key"
        #expect(await failure(configuration)?.isPermanent == true)
    }

    @Test("fails where the port does not speak it")
    func plainPort() async throws {
        var configuration = try Self.configuration()
        configuration.urls[0].port = try TestBroker.url().port
        configuration.connectTimeout = .seconds(3)
        let error = await failure(configuration)
        #expect(error != nil)
        #expect(error?.isPermanent == false)
    }

    private static func configuration() throws -> BrokerConfiguration {
        var configuration = try TestBroker.configuration()
        configuration.urls = [try TestBroker.tlsURL()]
        configuration.tls.authorities = "\(TestBroker.tlsDirectory)/ca.pem"
        return configuration
    }
}

/// Why one connection cannot be made; nil where it can.
private func failure(_ configuration: BrokerConfiguration) async -> BrokerError? {
    do {
        try await declare(Topology(), configuration: configuration, logger: quiet)
        return nil
    } catch {
        return error
    }
}
