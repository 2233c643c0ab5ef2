import Logging

/// Declares a topology over a connection of its own.
package func declare(
    _ topology: Topology,
    configuration: BrokerConfiguration,
    logger: Logger
) async throws(BrokerError) {
}
