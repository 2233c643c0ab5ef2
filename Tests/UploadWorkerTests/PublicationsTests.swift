import AMQP
import Foundation
import Testing
import Uploads

@testable import UploadWorker

@Suite("The publications of a settled request")
struct PublicationsTests {
    private static let now = Date(timeIntervalSince1970: 1_700_000_000)
    private static let publications = Publications(names: TopologyNames(prefix: "uploads"), replyToPattern: nil)
    private static let failed = FailedRequest(
        subject: RequestSubject(kind: .start),
        failure: .storageUnavailable("SlowDown")
    )

    private static func request(_ change: (inout MessageProperties) -> Void = { _ in }) -> Request {
        var properties = MessageProperties()
        change(&properties)
        let delivery = Delivery(queue: "uploads.start", properties: properties, body: Array(#"{"a":1}"#.utf8))
        return Request(delivery, kind: .start, spanID: 0xABC)
    }

    private static func steps(
        _ settlement: Settlement,
        _ change: (inout MessageProperties) -> Void = { _ in }
    ) -> [Publications.Step] {
        self.publications.steps(for: settlement, of: self.request(change), file: nil, now: self.now)
    }

    private static func retry(_ change: (inout MessageProperties) -> Void) -> Publication? {
        let step = RetryStep(
            delayMilliseconds: 1000,
            attempts: Attempts(count: 1, retriesDone: 1, firstFailedAt: self.now)
        )
        return self.steps(.retry(step), change).first?.publication
    }

    @Test("send a result to the exchange of results where no one asks for it")
    func unaddressed() throws {
        let steps = Self.steps(.answer(.failed(Self.failed)))
        let publication = try #require(steps.first).publication
        #expect(steps.count == 1)
        #expect(publication.exchange == "uploads.results")
        #expect(publication.routingKey == "failed")
        #expect(publication.isMandatory)
        #expect(publication.properties.type == "upload.failed")
        #expect(publication.properties.contentType == "application/json")
        #expect(publication.properties.deliveryMode == 2)
        #expect(publication.properties.appID == "upload-worker")
        #expect(publication.properties.timestamp == 1_700_000_000)
        #expect(publication.properties.correlationID == nil)
        #expect(publication.properties.headers == nil)
    }

    @Test(
        "send a result where reply_to says, if that may be",
        arguments: [
            ("answers", "", "answers", true, true),
            ("amq.rabbitmq.reply-to.g1h2", "", "amq.rabbitmq.reply-to.g1h2", false, true),
            ("uploads.start", "uploads.results", "failed", true, false),
            ("uploads.dead", "uploads.results", "failed", true, false),
            ("amq.gen-x", "uploads.results", "failed", true, false),
            ("", "uploads.results", "failed", true, false),
        ]
    )
    func addressed(replyTo: String, exchange: String, key: String, isMandatory: Bool, hasOther: Bool) throws {
        let step = try #require(Self.steps(.answer(.failed(Self.failed))) { $0.replyTo = AMQPString(replyTo) }.first)
        #expect(step.publication.exchange == AMQPString(exchange))
        #expect(step.publication.routingKey == AMQPString(key))
        #expect(step.publication.isMandatory == isMandatory)
        #expect(step.isDirectReply == !isMandatory)
        #expect((step.otherwise?.exchange == "uploads.results") == hasOther)
    }

    @Test(
        "go through the exchange for replies where there is one, direct replies apart",
        arguments: [
            ("answers", "replies", "answers", "uploads.results"),
            ("amq.rabbitmq.reply-to.g1h2", "", "amq.rabbitmq.reply-to.g1h2", "uploads.results"),
            ("uploads.dead", "uploads.results", "failed", nil),
        ] as [(String, String, String, String?)]
    )
    func replyExchange(replyTo: String, exchange: String, key: String, otherwise: String?) throws {
        var publications = Self.publications
        publications.replyExchange = "replies"
        let request = Self.request { $0.replyTo = AMQPString(replyTo) }
        let settlement = Settlement.answer(.failed(Self.failed))
        let step = try #require(publications.steps(for: settlement, of: request, file: nil, now: Self.now).first)
        #expect(step.publication.exchange == AMQPString(exchange))
        #expect(step.publication.routingKey == AMQPString(key))
        #expect(step.otherwise?.exchange == otherwise.map { AMQPString($0) })
    }

    @Test("keep to the operator's pattern as a whole, and to the worker's own names")
    func pattern() throws {
        let publications = Publications(
            names: TopologyNames(prefix: "uploads"),
            replyToPattern: try ReplyToPattern("answers|uploads[.].*")
        )
        let taken = ["answers", "uploads.mine", "answers.more", "my-answers", "uploads.dead"].filter { name in
            let request = Self.request { $0.replyTo = AMQPString(name) }
            let steps = publications.steps(
                for: .answer(.failed(Self.failed)),
                of: request,
                file: nil,
                now: Self.now
            )
            return steps.first?.publication.exchange == ""
        }
        #expect(taken == ["answers", "uploads.mine"])
    }

    @Test("copy the correlation id to the byte, or else the message id")
    func correlation() {
        let odd = AMQPString(bytes: [0xFF, 0x00, 0x41])
        let both = Self.steps(.answer(.failed(Self.failed))) {
            $0.correlationID = odd
            $0.messageID = "m"
        }
        let one = Self.steps(.answer(.failed(Self.failed))) { $0.messageID = "m" }
        #expect(both.first?.publication.properties.correlationID == odd)
        #expect(one.first?.publication.properties.correlationID == "m")
    }

    @Test("give the same request's answer the same id")
    func messageID() {
        let ids = ["a", "a", "b"].map { id in
            Self.steps(.answer(.failed(Self.failed))) { $0.messageID = AMQPString(id) }
                .first?.publication.properties.messageID
        }
        #expect(ids[0] == ids[1])
        #expect(ids[0] != ids[2])
        #expect(ids[0]?.text.flatMap(UUID.init(uuidString:)) != nil)
    }

    @Test("carry the worker's span of the request's trace")
    func trace() {
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let headers = Self.steps(.answer(.failed(Self.failed))) {
            $0.headers = ["traceparent": .string(AMQPString(parent)), "tracestate": "v=1", "x-other": "no"]
        }.first?.publication.properties.headers
        #expect(headers?["traceparent" as String]?.text == "00-0af7651916cd43dd8448eb211c80319c-0000000000000abc-01")
        #expect(headers?["tracestate" as String]?.text == "v=1")
        #expect(headers?.count == 2)
    }

    @Test("hold a retry with the key of the queue that it came from")
    func retries() throws {
        let publication = try #require(
            Self.retry {
                $0.messageID = "m"
                $0.replyTo = "answers"
                $0.expiration = "5000"
                $0.userID = "guest"
                $0.headers = ["mine": "kept"]
            }
        )
        #expect(publication.exchange == "uploads.retry.1000")
        #expect(publication.routingKey == "start")
        #expect(publication.body == Array(#"{"a":1}"#.utf8))
        #expect(publication.properties.messageID == "m")
        #expect(publication.properties.replyTo == "answers")
        #expect(publication.properties.deliveryMode == 2)
        #expect(publication.properties.expiration == nil)
        #expect(publication.properties.userID == nil)
        #expect(publication.properties.headers?["mine" as String]?.text == "kept")
        #expect(publication.properties.headers?["upload-attempts" as String]?.integer == 1)
        #expect(publication.properties.headers?["upload-retries" as String]?.integer == 1)
        #expect(publication.properties.headers?["upload-first-failed-at" as String]?.text == "2023-11-14T22:13:20Z")
    }

    @Test(
        "leave behind the headers that steer or describe routing",
        arguments: [
            "CC", "BCC", "x-death", "x-first-death-queue", "x-last-death-reason", "x-delay", "x-delivery-count",
        ]
    )
    func dropsRoutingHeaders(name: String) {
        let headers = Self.retry { $0.headers = FieldTable([(AMQPString(name), "forged"), ("mine", "kept")]) }?
            .properties.headers
        #expect(headers?[name] == nil)
        #expect(headers?["mine" as String] != nil)
    }

    @Test("describe a dead letter and tell the requester")
    func deadLetters() throws {
        let letter = DeadLetter(
            code: .storageUnavailable,
            message: "SlowDown",
            attempts: 5,
            originQueue: "uploads.start",
            firstFailedAt: Self.now,
            lastFailedAt: Self.now.addingTimeInterval(60)
        )
        let steps = Self.steps(.answerAndDeadLetter(.failed(Self.failed), letter)) {
            $0.headers = ["upload-retries": 4, "upload-error-code": "forged"]
        }
        #expect(steps.map(\.publication.exchange) == ["uploads.results", "uploads.dead"])
        let headers = try #require(steps.last?.publication.properties.headers)
        #expect(headers["upload-error-code" as String]?.text == "storage_unavailable")
        #expect(headers["upload-error-message" as String]?.text == "SlowDown")
        #expect(headers["upload-attempts" as String]?.integer == 5)
        #expect(headers["upload-origin-queue" as String]?.text == "uploads.start")
        #expect(headers["upload-first-failed-at" as String]?.text == "2023-11-14T22:13:20Z")
        #expect(headers["upload-last-failed-at" as String]?.text == "2023-11-14T22:14:20Z")
        #expect(headers["upload-retries" as String] == nil)
    }

    @Test("leave a body that was not kept to the broker's own dead-lettering")
    func bodyNotKept() {
        let delivery = Delivery(queue: "uploads.start", body: [], bodySize: 1 << 30)
        let letter = DeadLetter(
            code: .malformedMessage,
            message: "too large",
            attempts: 1,
            originQueue: "uploads.start",
            firstFailedAt: Self.now,
            lastFailedAt: Self.now
        )
        let steps = Self.publications.steps(
            for: .answerAndDeadLetter(.failed(Self.failed), letter),
            of: Request(delivery, kind: .start, spanID: 1),
            file: nil,
            now: Self.now
        )
        #expect(steps.map(\.publication.exchange) == ["uploads.results"])
    }

    @Test("count the deliveries that ended without a settlement")
    func countsRedeliveries() {
        var properties = MessageProperties()
        properties.headers = ["upload-attempts": 2, "x-delivery-count": 3]
        let delivery = Delivery(queue: "uploads.start", isRedelivered: true, properties: properties)
        #expect(Request(delivery, kind: .start, spanID: 1).attempts.count == 6)
    }

    @Test("believe no count of a message that was not delivered before, and no number is too large")
    func forgedDeliveryCount() {
        for (isRedelivered, expected) in [(false, 1), (true, 1_000_000)] {
            var properties = MessageProperties()
            properties.headers = ["x-delivery-count": .int64(.max)]
            let delivery = Delivery(queue: "uploads.start", isRedelivered: isRedelivered, properties: properties)
            #expect(Request(delivery, kind: .start, spanID: 1).attempts.count == expected)
        }
    }
}
