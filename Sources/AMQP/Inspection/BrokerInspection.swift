/// What a look at a broker found, as far as it came.
package struct BrokerInspection: Equatable, Sendable {
    /// What a user may be allowed to do with a queue or exchange: https://www.rabbitmq.com/docs/access-control#authorisation
    package enum Right: String, CaseIterable, Sendable {
        case configure, read, write
    }

    package struct Permission: Equatable, Sendable {
        package var right: Right
        /// A queue or exchange as people call it, such as `queue uploads.start`.
        package var resource: String
        package var isGranted: Bool

        package init(_ right: Right, _ resource: String, isGranted: Bool) {
            self.right = right
            self.resource = resource
            self.isGranted = isGranted
        }
    }

    package enum State: Equatable, Sendable {
        case asDeclared
        /// There, but this user may not declare it, which is what compares it.
        case notCompared
        case missing
        /// In the broker's words.
        case differs(String)
    }

    package struct Entity: Equatable, Sendable {
        package var resource: String
        package var state: State

        package init(_ resource: String, _ state: State) {
            self.resource = resource
            self.state = state
        }
    }

    package struct Server: Equatable, Sendable {
        package var product: String
        package var version: String

        package init(product: String, version: String) {
            self.product = product
            self.version = version
        }
    }

    /// What the broker called itself; nil where there was no connection.
    package var server: Server?
    package var permissions: [Permission] = []
    package var entities: [Entity] = []
    /// Why the broker takes no messages now.
    package var blockedReason: String?
    /// What ended the look before its end.
    package var failure: BrokerError?

    package init() {}
}

/// What to look for beside a connection.
package struct BrokerQuestions: Sendable {
    package var topology: Topology
    /// Whether this user is to declare the topology, which takes the rights to bind and to name dead-letter exchanges too.
    package var declares: Bool
    /// Queues to consume.
    package var reads: [String]
    /// Exchanges to publish to, each with a routing key in use there; the empty name is the default exchange.
    package var writes: [(exchange: String, routingKey: String)]

    package init(
        topology: Topology,
        declares: Bool,
        reads: [String],
        writes: [(exchange: String, routingKey: String)]
    ) {
        self.topology = topology
        self.declares = declares
        self.reads = reads
        self.writes = writes
    }
}
