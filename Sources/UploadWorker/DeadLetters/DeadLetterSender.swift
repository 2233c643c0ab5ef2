import AMQP
import Uploads

/// Publishes dead letters to the queues that they came from.
struct DeadLetterSender: Sendable {
    enum Outcome: Sendable {
        /// Its queue has it for certain.
        case confirmed
        /// Whether its queue has it is not known; to be sent again.
        case stopped
        case refused(reason: String)
    }

    let names: TopologyNames
    let publisher: ConfirmingPublisher

    func send(_ delivery: Delivery, _ account: DeadLetterAccount) async -> Outcome {
        guard let origin = account.queue, self.names.kind(ofQueue: origin) != nil else {
            let origin = account.queue ?? "its origin is unknown"
            return .refused(reason: "it does not come from a request queue (\(origin))")
        }
        guard delivery.bodySize == UInt64(delivery.body.count) else {
            let size = "its body of \(delivery.bodySize) bytes"
            return .refused(reason: "\(size) is over MAX_MESSAGE_BYTES and would be refused again")
        }
        return await self.publish(Publication(replaying: delivery, account, to: origin), to: origin)
    }

    private func publish(_ publication: Publication, to queue: String) async -> Outcome {
        do throws(PublishError) {
            guard case .returned(_, let text) = try await self.publisher.publish(publication) else { return .confirmed }
            return .refused(reason: "the queue \(queue) did not take it (\(text)): run upload-worker setup")
        } catch {
            return switch error {
            case .cancelled, .stopped, .unconfirmed: .stopped
            case .tooLarge(let part): .refused(reason: "\(part) is too long to be sent")
            case .refused(let code, let text): .refused(reason: "the broker refuses it (\(code) \(text))")
            }
        }
    }
}

extension Publication {
    /// The request as it was, less what it went through, with its replays counted.
    init(replaying delivery: Delivery, _ account: DeadLetterAccount, to queue: String) {
        var properties = RequestCopy(of: delivery).properties
        var headers = properties.headers ?? FieldTable()
        headers.removeAll { field in field.name.text.map(DeadLetterAccount.clearedHeaders.contains) ?? false }
        headers[DeadLetter.replaysHeader] = .int64(account.nextReplays)
        properties.headers = headers
        self.init(exchange: "", routingKey: AMQPString(queue), properties: properties, body: delivery.body)
    }
}
