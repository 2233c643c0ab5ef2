import AMQP

/// A publisher, each publication measured.
struct MeasuringPublisher: MessagePublisher {
    let publisher: any MessagePublisher
    let metrics: WorkerMetrics

    func publish(_ publication: Publication) async throws(PublishError) -> PublishOutcome {
        let began = ContinuousClock.now
        do {
            let outcome = try await self.publisher.publish(publication)
            self.metrics.confirms.observe(.now - began)
            switch outcome {
            case .confirmed: self.metrics.publications.add(["confirmed"])
            case .returned: self.metrics.publications.add(["returned"])
            }
            return outcome
        } catch {
            self.metrics.publications.add([error == .unconfirmed ? "unconfirmed" : "failed"])
            throw error
        }
    }
}
