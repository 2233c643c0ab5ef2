import AMQP

/// Publishes a step of a settlement until some address of it has taken and confirmed it.
struct StepPublisher: Sendable {
    let publisher: any MessagePublisher
    /// For direct replies, which may cost the connection.
    let replies: any MessagePublisher

    /// An address that does not take the message gives way to the next.
    ///
    /// - Throws: `Unroutable` where no queue takes what has no other address.
    func publish(_ step: Publications.Step) async throws {
        guard let otherwise = step.otherwise else { return try await self.publishToOneAddress(step) }
        let publisher = step.isDirectReply ? self.replies : self.publisher
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

    private func publishToOneAddress(_ step: Publications.Step) async throws {
        do {
            try await self.publisher.deliver(step.publication)
        } catch PublishError.tooLarge where step.ifTooLarge != nil {
            CrashPoint.addressRefused.pass()
            if let shorter = step.ifTooLarge { try await self.publisher.deliver(shorter) }
        }
    }
}
