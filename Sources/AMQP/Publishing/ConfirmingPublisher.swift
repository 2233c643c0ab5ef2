import Logging
import Synchronization

/// Publishes messages until the broker has confirmed them, over one connection that it makes again whenever it is lost.
///
/// After the broker (not the network) closed the connection, the publications that were on their way go again one at a
/// time: the one that it objects to again is refused, its neighbours are published.
package final class ConfirmingPublisher: Sendable {
    private let life: ConnectionLife<PublisherRole.Command>
    private let topology: Topology?
    private let objectionLimit: Int
    private let confirmLimit: Duration
    private let refused: @Sendable (Int) -> Void
    private let nextID = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - topology: Declared on every connection, before anything is published.
    ///   - objectionLimit: How often the broker must close the connection because of one publication for it to be refused.
    ///   - confirmLimit: How long a publication that can go elsewhere waits for its confirm.
    ///   - refused: Told how many publications the broker has just refused (`basic.nack`); they are sent again, or
    ///     given up. Called on the connection's thread.
    package init(
        configuration: BrokerConfiguration,
        topology: Topology?,
        objectionLimit: Int = 2,
        confirmLimit: Duration = .seconds(30),
        logger: Logger,
        refused: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.life = ConnectionLife(configuration: configuration, logger: logger)
        self.topology = topology
        self.objectionLimit = objectionLimit
        self.confirmLimit = confirmLimit
        self.refused = refused
    }

    package var status: BrokerStatus { self.life.board.status }
    /// How often a lost connection was made again.
    package var reconnections: Int { self.life.board.reconnections }

    /// Runs until cancelled; then waits a few seconds for the confirms outstanding, and closes.
    ///
    /// Throws where the first round through the URLs shows that trying again is of no use. Runs once.
    package func run() async throws(BrokerError) {
        let (topology, refused) = (self.topology, self.refused)
        let (objections, wait) = (self.objectionLimit, self.confirmLimit)
        let failure = await withTaskCancellationHandler {
            await self.life.run(persistence: .forever, named: "amqp-publish") {
                PublisherRole(
                    topology: topology,
                    pending: PendingPublications(objectionLimit: objections, confirmLimit: wait),
                    refused: refused
                )
            }
        } onCancel: {
            self.life.stop(.stop)
        }
        if let failure { throw failure }
    }

    /// Returns once the broker has confirmed the publication, however often it has to be sent; waits while there is no
    /// connection. Gives up only a publication that can go elsewhere. Two calls from one task are sent in their order; a
    /// publication sent again may come after later ones.
    package func publish(_ publication: Publication) async throws(PublishError) -> PublishOutcome {
        let id = self.nextID.add(1, ordering: .relaxed).newValue
        let answer = Answer<PendingPublications.Result>()
        return try await withTaskCancellationHandler {
            if !self.life.mailbox.post(.publish(publication, answer: answer, id: id)) {
                answer.give(.failure(.stopped))
            }
            return await answer.wait()
        } onCancel: {
            if answer.give(.failure(.cancelled)) { self.life.mailbox.post(.abandon(id)) }
        }.get()
    }
}
