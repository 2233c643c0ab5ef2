import Logging

/// Consumes queues over one connection that it makes again whenever it is lost.
package final class Consumer: Sendable {
    package init(
        configuration: BrokerConfiguration,
        queues: [String],
        prefetch: UInt16,
        bodyLimit: Int,
        topology: Topology?,
        logger: Logger
    ) {
    }

    package var status: BrokerStatus { .stopped }
    /// How often a lost connection was made again.
    package var reconnections: Int { 0 }

    /// Runs until stopped or cancelled; each delivery is handled in a child task of its own.
    package func run(handle: @escaping @Sendable (Delivery) async -> Void) async throws {
    }

    /// Tells the broker that the delivery is done with.
    package func acknowledge(_ delivery: Delivery) {
    }

    /// Has the broker dead-letter the delivery.
    package func reject(_ delivery: Delivery) {
    }

    /// Puts the delivery back into its queue, its delivery count raised by one.
    package func release(_ delivery: Delivery) {
    }

    /// Stops taking messages, with the connection kept.
    package func pause() {
    }

    /// Takes messages again.
    package func resume() {
    }

    /// Ends consumption in good order; `run` returns once that is done.
    package func stop() {
    }
}
