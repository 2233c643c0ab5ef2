import AMQP
import Foundation
import Uploads

/// Turns the end of a request into the messages that make it so.
struct Publications: Sendable {
    let names: TopologyNames
    let replyToPattern: ReplyToPattern?
    /// Takes the results for a `reply_to`, direct reply-to apart, which works through the default exchange alone.
    var replyExchange = ""

    /// A message and what goes in its place where it cannot go.
    struct Step: Equatable, Sendable {
        var publication: Publication
        var isDirectReply = false
        /// The same to another address, where the first does not take it.
        var otherwise: Publication?
        /// The same without what makes it too large to be sent.
        var ifTooLarge: Publication?
        /// Headers of the request that are not whole in this copy of it.
        var truncatedHeaders: [String] = []
        /// The request names a `reply_to` that no result may go to.
        var refusesReplyTo = false
    }

    func steps(for settlement: Settlement, of request: Request, file: FileReference?, now: Date) -> [Step] {
        switch settlement {
        case .answer(let result):
            [self.answer(result, to: request, file: file, now: now)]
        case .answerAndDeadLetter(let result, let deadLetter):
            [self.answer(result, to: request, file: file, now: now)]
                // What was not kept cannot be published: the broker dead-letters it when it is rejected.
                + (request.isBodyKept ? [self.deadLetter(deadLetter, of: request)] : [])
        case .retry(let retry):
            [self.retry(retry, of: request)]
        }
    }

    /// Tells of a session's expiry, which answers no request.
    func expiry(of session: Session, now: Date) -> Publication {
        self.result(.expired(session), messageID: session.expiryMessageID, now: now)
    }

    private func answer(_ result: UploadResult, to request: Request, file: FileReference?, now: Date) -> Step {
        let asked = request.delivery.properties
        var toResults = self.result(result, messageID: result.messageID(for: request.identity(of: file)), now: now)
        toResults.properties.correlationID = asked.correlationID ?? asked.messageID
        toResults.properties.headers = request.trace.map { trace in
            FieldTable(
                trace.headers(spanID: request.spanID).map { (AMQPString($0.key), .string(AMQPString($0.value))) }
            )
        }
        return self.addressed(toResults, replyTo: asked.replyTo)
    }

    private func result(_ result: UploadResult, messageID: String, now: Date) -> Publication {
        var properties = MessageProperties()
        properties.contentType = "application/json"
        properties.deliveryMode = 2
        properties.type = AMQPString(result.type)
        properties.appID = "upload-worker"
        properties.timestamp = UInt64(max(0, now.timeIntervalSince1970))
        properties.messageID = AMQPString(messageID)
        return Publication(
            exchange: AMQPString(self.names.results),
            routingKey: AMQPString(result.routingKey),
            properties: properties,
            body: result.json(),
            isMandatory: true
        )
    }

    private func addressed(_ toResults: Publication, replyTo: AMQPString?) -> Step {
        guard let name = replyTo?.text else { return Step(publication: toResults) }
        let address = ReplyAddress(replyTo: name, names: self.names, matches: self.replyToPattern?.matches)
        var toReply = toResults
        toReply.exchange = AMQPString(self.replyExchange)
        toReply.routingKey = AMQPString(name)
        toReply.canGoElsewhere = true
        switch address {
        case .results:
            return Step(publication: toResults, refusesReplyTo: !name.isEmpty)
        case .queue:
            return Step(publication: toReply, otherwise: toResults)
        case .directReply:
            // RabbitMQ before 4.2 returns a mandatory message to direct reply-to although it was delivered.
            toReply.exchange = ""
            toReply.isMandatory = false
            return Step(publication: toReply, isDirectReply: true, otherwise: toResults)
        }
    }

    /// With the key of the queue that the request came from: how it was published does not matter.
    private func retry(_ step: RetryStep, of request: Request) -> Step {
        self.copy(
            of: request,
            to: self.names.retryQueue(delayMilliseconds: step.delayMilliseconds),
            routingKey: request.kind.rawValue,
            headers: step.attempts.headers
        )
    }

    private func deadLetter(_ letter: DeadLetter, of request: Request) -> Step {
        self.copy(of: request, to: self.names.dead, routingKey: letter.originQueue, headers: letter.headers)
    }

    /// The request itself, sent on. Where its own headers and the worker's do not fit a frame together, its own stay behind.
    private func copy(
        of request: Request,
        to exchange: String,
        routingKey: String,
        headers: [String: HeaderValue]
    ) -> Step {
        let copy = RequestCopy(of: request.delivery)
        let whole = Publication(
            exchange: AMQPString(exchange),
            routingKey: AMQPString(routingKey),
            properties: copy.properties(with: headers),
            body: request.delivery.body,
            isMandatory: true
        )
        var bare = whole
        bare.properties.headers = FieldTable(headers)
        return Step(publication: whole, ifTooLarge: bare, truncatedHeaders: copy.truncatedHeaders)
    }
}
