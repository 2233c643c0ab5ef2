import AMQP

/// Publishes messages until the broker has confirmed them. `ConfirmingPublisher` does it for real.
protocol MessagePublisher: Sendable {
    func publish(_ publication: Publication) async throws(PublishError) -> PublishOutcome
}

extension ConfirmingPublisher: MessagePublisher {}

extension MessagePublisher {
    /// Publishes what some queue must take.
    ///
    /// - Throws: `Unroutable` where none does.
    func deliver(_ publication: Publication) async throws {
        guard case .returned = try await self.publish(publication) else { return }
        throw Unroutable(exchange: publication.exchange.description)
    }
}

/// No queue takes what must not be lost.
struct Unroutable: Error, CustomStringConvertible {
    var exchange: String

    var description: String { "the exchange \(self.exchange) has no queue: run upload-worker setup" }
}
