import Logging

/// Declares a topology over a connection of its own; each URL is tried once.
package func declare(
    _ topology: Topology,
    configuration: BrokerConfiguration,
    logger: Logger
) async throws(BrokerError) {
    let life = ConnectionLife<Never>(configuration: configuration, logger: logger)
    let failure = await life.run(persistence: .once, named: "amqp-declare") { DeclaringRole(topology: topology) }
    if let failure { throw failure }
}

/// Declares, and is finished.
private struct DeclaringRole: ChannelRole {
    let topology: Topology
    let bodyLimit = 0
    let wantsConnection = true
    private(set) var isFinished = false
    let wasUseful = false
    let impairment: BrokerStatus? = nil
    let nextDeadline: ContinuousClock.Instant? = nil

    init(topology: Topology) {
        self.topology = topology
    }

    mutating func opened(_ connection: BrokerConnection, now: ContinuousClock.Instant) throws(BrokerError) {
        try connection.declare(self.topology)
        self.isFinished = true
    }

    mutating func received(_ event: BrokerEvent, on connection: BrokerConnection, now: ContinuousClock.Instant) {}
    mutating func drained() {}
    mutating func perform(_ command: Never) {}
    mutating func advance(to now: ContinuousClock.Instant) {}
    mutating func flush(to connection: BrokerConnection, now: ContinuousClock.Instant) -> Unsent { .nothing }
    mutating func lost(_ error: BrokerError) {}
    mutating func ended(_ error: BrokerError?, rest: [Never]) {}
}
