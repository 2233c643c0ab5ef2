import AMQP
import Foundation

/// The requester's side: publishes requests with direct reply-to and reads the results.
struct UploadClient {
    typealias ShowMessage = @Sendable (_ title: String, _ body: String) -> Void

    let client: DirectReplyClient
    let exchange: AMQPString
    let timeout: Duration
    /// Told of every message, with its URLs shortened: request and result bodies hold secrets otherwise.
    let showMessage: ShowMessage?

    /// A result, read and as it came.
    struct Answer<Result: Sendable>: Sendable {
        var result: Result
        var body: String
    }

    func start(_ start: StartMessage) async throws -> Answer<StartedMessage> {
        try await self.request("start", start)
    }

    func complete(_ complete: CompleteMessage) async throws -> Answer<CompletedMessage> {
        try await self.request("complete", complete)
    }

    func abort(_ abort: AbortMessage) async throws -> Answer<AbortedMessage> {
        try await self.request("abort", abort)
    }

    private func request<Request: Encodable, Result: Decodable & ResultMessage>(
        _ kind: String,
        _ request: Request
    ) async throws -> Answer<Result> {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = try encoder.encode(request)
        self.showMessage?("\(kind) ->", String(decoding: body, as: UTF8.self))
        var properties = MessageProperties()
        properties.contentType = "application/json"
        properties.deliveryMode = 2
        properties.messageID = AMQPString(UUID().uuidString.lowercased())
        let answer: Delivery
        do {
            answer = try await self.client.request(
                Publication(
                    exchange: self.exchange,
                    routingKey: AMQPString(kind),
                    properties: properties,
                    body: Array(body),
                    isMandatory: true
                ),
                timeout: self.timeout
            )
        } catch {
            throw NoAnswer(request: kind, timeout: self.timeout, cause: error)
        }
        let data = Data(answer.body)
        let result = try JSONDecoder().decode(AnyResultMessage.self, from: data)
        self.showMessage?("<- \(result.type)", ShortenedURLs.shorten(String(decoding: data, as: UTF8.self)))
        if let error = result.error { throw UploadRefused(request: kind, error: error) }
        guard result.type == Result.type else { throw UnexpectedResult(request: kind, type: result.type) }
        return Answer(
            result: try JSONDecoder().decode(Result.self, from: data),
            body: String(decoding: data, as: UTF8.self)
        )
    }
}

/// The answer is an error.
struct UploadRefused: Error, CustomStringConvertible {
    var request: String
    var error: AnyResultMessage.Failure

    var description: String {
        "the \(self.request) request failed: \(self.error.code) (\(self.error.status)): \(self.error.message)"
    }
}

struct UnexpectedResult: Error, CustomStringConvertible {
    var request: String
    var type: String

    var description: String { "the \(self.request) request was answered with \(self.type)" }
}

struct NoAnswer: Error, CustomStringConvertible {
    var request: String
    var timeout: Duration
    var cause: DirectReplyError

    var description: String { "the \(self.request) request got no answer: \(self.reason)" }

    private var reason: String {
        switch self.cause {
        case .timedOut: "none came within \(self.timeout.settingText); is a worker running (upload-worker run)?"
        case .returned(_, let text): "no queue takes it (\(text)); run upload-worker setup, or start a worker"
        case .tooLarge(let what): "it is too large (\(what))"
        case .closed(let error): "\(error)"
        case .cancelled: "it was cancelled"
        }
    }
}
