import AMQP
import Foundation
import Uploads

/// The broker's side of publishing and settling.
extension World {
    static let names = TopologyNames(prefix: "uploads")

    /// The next message of the queues, as a delivery to a process.
    mutating func deliver(to process: (Message) -> Int) -> Int? {
        guard !self.ready.isEmpty else { return nil }
        let message = self.ready.removeFirst()
        self.deliveries.append(
            TrackedDelivery(message: message, process: process(message), startedAt: self.step)
        )
        return self.deliveries.count - 1
    }

    /// Takes a confirmed publication; `delivery` is nil for one of the sweep.
    mutating func take(_ publication: Publication, from delivery: Int?) {
        let exchange = publication.exchange.text ?? ""
        if exchange == Self.names.dead, let delivery {
            self.deadLetters += 1
            self.deliveries[delivery].deadLettered = true
        } else if exchange == "" || exchange == Self.names.results {
            self.takeResult(publication, from: delivery)
        } else if let delivery, let key = publication.routingKey.text {
            var message = self.deliveries[delivery].message
            message.queue = "\(Self.names.prefix).\(key)"
            message.properties = publication.properties
            message.body = publication.body
            message.deliveryCount = 0
            self.held.append(message)
            self.deliveries[delivery].retried = true
        } else {
            self.violate("the sweep publishes to \(exchange)")
        }
    }

    private mutating func takeResult(_ publication: Publication, from delivery: Int?) {
        let body: AnswerBody
        do {
            body = try JSONDecoder().decode(AnswerBody.self, from: Data(publication.body))
        } catch {
            return self.violate("a result cannot be read: \(error)")
        }
        guard let delivery else { return self.takeExpiry(body) }
        let answer = PublishedAnswer(
            messageID: publication.properties.messageID?.text ?? "",
            request: self.deliveries[delivery].message.request,
            delivery: delivery,
            body: body
        )
        self.auditTruth(of: answer)
        self.auditEquality(of: answer)
        self.answers.append(answer)
        self.deliveries[delivery].answered = true
        self.deliveries[delivery].needsDeadLetter = body.failureCode?.isDeadLettered ?? false
    }

    private mutating func takeExpiry(_ body: AnswerBody) {
        guard body.type == "upload.expired", let id = body.uploadID else {
            return self.violate("the sweep publishes \(body.type)")
        }
        self.expiries.append(id)
        if self.upload(named: id)?.isOpen == true { self.violate("\(id) is told as expired and is open") }
        if self.hasObject(of: id) {
            self.violate("\(id) is told as expired and is completed")
        }
    }

    /// Nothing is acknowledged whose end was not confirmed before.
    mutating func acknowledge(_ id: Int) {
        guard self.deliveries[id].isOpen else { return }
        let delivery = self.deliveries[id]
        let isSettled =
            delivery.retried || (delivery.answered && (!delivery.needsDeadLetter || delivery.deadLettered))
        if !isSettled { self.violate("delivery \(id) is acknowledged before its publications are confirmed") }
        self.deliveries[id].isOpen = false
    }

    /// Time passes in the retry queues.
    mutating func releaseHeld() {
        self.now.addTimeInterval(60)
        self.ready += self.held
        self.held = []
    }
}
