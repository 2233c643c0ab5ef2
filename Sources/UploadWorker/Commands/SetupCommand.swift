import AMQP
import ArgumentParser
import Uploads

struct SetupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setup",
        abstract: "Declare the exchanges and queues on the broker, then end.",
        discussion: """
            Declares, under TOPOLOGY_PREFIX (uploads): the exchange that requests go to and one quorum queue per request, \
            the results exchange and queue, one retry queue per delay of RETRY_DELAYS, and the dead-letter queue. What \
            exists already stays as it is; a queue that exists with other arguments ends the command with status 1.

            `upload-worker run` does the same at its start unless DECLARE_TOPOLOGY=false; use this command where the \
            worker's broker user may not declare.
            """
    )

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await CommandFailure.reporting {
            let source = try self.common.source()
            let broker = try BrokerSettings(source)
            let retry = try RetrySettings(source)
            let process = try ProcessSettings(source)
            let topology = Topology(
                broker.topology,
                retries: retry.schedule,
                replyExchange: try ResultSettings(source, names: broker.topology).replyExchange
            )
            try await AMQP.declare(
                topology,
                configuration: broker.connection(named: "upload-worker setup"),
                logger: process.makeLogger(label: "setup", usualLevel: .warning)
            )
            print("declared \(topology.exchanges.count) exchanges and \(topology.queues.count) queues:")
            for queue in topology.queues { print("  \(queue.name)") }
        }
    }
}
