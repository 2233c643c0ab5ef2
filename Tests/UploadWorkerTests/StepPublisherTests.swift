import AMQP
import Synchronization
import Testing

@testable import UploadWorker

@Suite("The publisher of steps")
struct StepPublisherTests {
    private static let returned = Result<PublishOutcome, PublishError>.success(.returned(code: 312, text: "NO_ROUTE"))

    private static func publication(_ key: AMQPString) -> Publication {
        Publication(exchange: "", routingKey: key, body: [])
    }

    private static func publisher(_ outcomes: Result<PublishOutcome, PublishError>...) -> (StepPublisher, Taker) {
        let taker = Taker(outcomes)
        return (StepPublisher(publisher: taker, replies: taker), taker)
    }

    @Test(
        "tries the other address where the first does not take the message",
        arguments: [
            Self.returned, .failure(.refused(code: 404, text: "NOT_FOUND")), .failure(.tooLarge("routing key")),
            .failure(.unconfirmed),
        ]
    )
    func otherAddress(first: Result<PublishOutcome, PublishError>) async throws {
        let (publisher, taker) = Self.publisher(first, .success(.confirmed))
        try await publisher.publish(.init(publication: Self.publication("a"), otherwise: Self.publication("b")))
        #expect(taker.keys == ["a", "b"])
    }

    @Test("tries no other address where it is ending", arguments: [.cancelled, .stopped] as [PublishError])
    func ending(error: PublishError) async {
        let (publisher, taker) = Self.publisher(.failure(error))
        await #expect(throws: error) {
            try await publisher.publish(.init(publication: Self.publication("a"), otherwise: Self.publication("b")))
        }
        #expect(taker.keys == ["a"])
    }

    @Test("leaves out what makes a copy too large")
    func tooLarge() async throws {
        let (publisher, taker) = Self.publisher(.failure(.tooLarge("headers")), .success(.confirmed))
        try await publisher.publish(.init(publication: Self.publication("a"), ifTooLarge: Self.publication("b")))
        #expect(taker.keys == ["a", "b"])
    }

    @Test("keeps a copy whole where its queue is missing, or the broker refuses it")
    func missingQueue() async {
        let step = Publications.Step(publication: Self.publication("a"), ifTooLarge: Self.publication("b"))
        let (missing, first) = Self.publisher(Self.returned, .success(.confirmed))
        await #expect(throws: Unroutable.self) { try await missing.publish(step) }
        #expect(first.keys == ["a"])
        let error = PublishError.refused(code: 404, text: "NOT_FOUND")
        let (refused, second) = Self.publisher(.failure(error), .success(.confirmed))
        await #expect(throws: error) { try await refused.publish(step) }
        #expect(second.keys == ["a"])
    }
}

/// Takes publications as it is told, and notes their keys.
private final class Taker: MessagePublisher {
    private let outcomes: [Result<PublishOutcome, PublishError>]
    private let taken = Mutex<[String]>([])

    init(_ outcomes: [Result<PublishOutcome, PublishError>]) {
        self.outcomes = outcomes
    }

    var keys: [String] { self.taken.withLock(\.self) }

    func publish(_ publication: Publication) async throws(PublishError) -> PublishOutcome {
        let number = self.taken.withLock { keys in
            keys.append(publication.routingKey.description)
            return keys.count
        }
        return try self.outcomes[number - 1].get()
    }
}
