import AMQP
import Logging

/// Someone deleted a queue while the worker runs: what publishes finds it missing, has it declared, and goes on.
enum Redeclaration {
    /// - Returns: declares the topology again; where several find it missing at once, one does for all. Does nothing where
    ///   `topology` is nil, for that is then left to others.
    static func of(
        _ topology: Topology?,
        _ broker: BrokerSettings,
        _ logger: Logger
    ) -> @Sendable () async -> Void {
        guard let topology else { return {} }
        let declaration = SharedRun {
            do {
                let configuration = broker.connection(named: "upload-worker topology")
                try await AMQP.declare(topology, configuration: configuration, logger: logger)
                CrashPoint.redeclared.pass()
            } catch {
                CrashPoint.redeclarationFailed.pass()
                logger.error("Topology not declared again", error: error)
            }
        }
        return { await declaration.run() }
    }
}
