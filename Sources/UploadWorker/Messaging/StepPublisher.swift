import AMQP

/// Publishes a step of a settlement until some address of it has taken and confirmed it.
struct StepPublisher: Sendable {
    let publisher: any MessagePublisher
    /// For direct replies, which may cost the connection.
    let replies: any MessagePublisher

    /// An address that does not take the message gives way to the next.
    func publish(_ step: Publications.Step) async throws {
        let publisher = step.isDirectReply ? self.replies : self.publisher
        guard let otherwise = step.otherwise else { return try await publisher.deliver(step.publication) }
        do throws(PublishError) {
            if case .confirmed = try await publisher.publish(step.publication) { return }
            CrashPoint.addressReturned.pass()
        } catch {
            switch error {
            case .refused, .tooLarge, .unconfirmed:
                CrashPoint.addressRefused.pass()
            case .cancelled, .stopped:
                CrashPoint.publicationCancelled.pass()
                throw error
            }
        }
        try await self.publisher.deliver(otherwise)
    }
}
