import Logging

/// Publishes messages until the broker has confirmed them, over one connection that it makes again whenever it is lost.
package final class ConfirmingPublisher: Sendable {
    package init(configuration: BrokerConfiguration, topology: Topology?, logger: Logger) {
    }

    package var status: BrokerStatus { .stopped }
    /// How often a lost connection was made again.
    package var reconnections: Int { 0 }

    /// Runs until cancelled; then waits for the confirms outstanding and closes.
    package func run() async throws {
    }

    /// Returns once the broker has confirmed the publication, however often it takes.
    package func publish(_ publication: Publication) async throws(PublishError) -> PublishOutcome {
        throw .stopped
    }
}
