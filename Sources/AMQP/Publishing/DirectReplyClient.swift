import Logging
import Synchronization

/// Sends requests and reads their answers by RabbitMQ's direct reply-to, over one connection.
///
/// A request is not confirmed, and a lost connection is not made again: who gets no answer asks again.
package final class DirectReplyClient: Sendable {
    private let life: ConnectionLife<DirectReplyRole.Command>
    private let idPrefix: String
    private let nextID = Atomic<UInt64>(0)

    fileprivate init(_ life: ConnectionLife<DirectReplyRole.Command>) {
        self.life = life
        self.idPrefix = String(UInt64.random(in: .min ... .max), radix: 36)
    }

    /// Publishes a request and returns the answer with its correlation id, which is made where the request has none.
    ///
    /// Of two requests on their way with one correlation id, the earlier is cancelled.
    package func request(_ publication: Publication, timeout: Duration) async throws(DirectReplyError) -> Delivery {
        var publication = publication
        publication.properties.replyTo = AMQPString(DirectReplyRole.queue)
        let number = self.nextID.add(1, ordering: .relaxed).newValue
        let id = publication.properties.correlationID ?? AMQPString("\(self.idPrefix)-\(number)")
        publication.properties.correlationID = id
        let question = (publication: publication, deadline: ContinuousClock.now + timeout)
        let answer = Answer<DirectReplyRole.Reply>()
        return try await withTaskCancellationHandler {
            let isAccepted = self.life.mailbox.post(
                .ask(question.publication, correlationID: id, deadline: question.deadline, answer: answer)
            )
            if !isAccepted { answer.give(.failure(.closed(self.hasEnded))) }
            return await answer.wait()
        } onCancel: {
            if answer.give(.failure(.cancelled)) { self.life.mailbox.post(.abandon(id)) }
        }.get()
    }
}

extension DirectReplyClient {
    private var hasEnded: BrokerError {
        BrokerError(.connectionLost("it had ended before"), url: self.life.configuration.urls.first)
    }
}

/// Why a request got no answer.
package enum DirectReplyError: Error, Equatable, Sendable {
    case timedOut
    /// No queue took the request.
    case returned(code: UInt16, text: String)
    /// A property or name is longer than the protocol has room for; nothing was sent.
    case tooLarge(String)
    case closed(BrokerError)
    case cancelled
}

/// Runs `body` with a client whose connection ends with it. Throws a `BrokerError` where no connection can be made.
package func withDirectReplyClient<Result>(
    configuration: BrokerConfiguration,
    bodyLimit: Int = 16 << 20,
    logger: Logger,
    body: (DirectReplyClient) async throws -> Result
) async throws -> Result {
    let life = ConnectionLife<DirectReplyRole.Command>(configuration: configuration, logger: logger)
    let opening = Answer<Swift.Result<Void, BrokerError>>()
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            let failure = await life.run(persistence: .once, named: "amqp-request") {
                DirectReplyRole(bodyLimit: bodyLimit, opening: opening)
            }
            if let failure { opening.give(.failure(failure)) }
        }
        defer { life.mailbox.post(.finish) }
        try await opening.wait().get()
        return try await body(DirectReplyClient(life))
    }
}
