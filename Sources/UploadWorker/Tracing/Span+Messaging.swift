import AMQP
import Uploads

/// Attributes by https://opentelemetry.io/docs/specs/semconv/messaging/rabbitmq/
extension Span {
    func describe(_ delivery: Delivery) {
        let (exchange, key) = (delivery.exchange.description, delivery.routingKey.description)
        let parts = [exchange, key] + (key == delivery.queue ? [] : [delivery.queue])
        self.describe(operation: "process", type: "process", destination: parts, routingKey: key)
        self.describe(delivery.properties, bodySize: Int(clamping: delivery.bodySize))
    }

    func describe(_ publication: Publication) {
        let (exchange, key) = (publication.exchange.description, publication.routingKey.description)
        self.describe(operation: "publish", type: "send", destination: [exchange, key], routingKey: key)
        self.describe(publication.properties, bodySize: publication.body.count)
    }

    /// How the delivery ended. A refusal of what was asked is no failure of the worker's.
    func describe(_ settlement: Settlement, of request: Request, file: FileReference?) {
        guard self.trace.isSampled else { return }
        self.set("upload.request", .text(request.kind.rawValue))
        self.set("upload.outcome", .text(settlement.outcomeName))
        self.set("upload.attempt", .integer(request.attempts.count))
        self.set("upload.file_id", file?.fileID.rawValue)
        self.set("upload.user_id", file?.userID.rawValue)
        switch settlement {
        case .answer: break
        case .retry: self.fail("retry")
        case .answerAndDeadLetter(_, let letter): self.fail(letter.code.rawValue)
        }
    }

    private func describe(operation: String, type: String, destination: [String], routingKey: String) {
        let name = destination.filter { !$0.isEmpty }.joined(separator: ":")
        self.set("messaging.system", .text("rabbitmq"))
        self.set("messaging.operation.name", .text(operation))
        self.set("messaging.operation.type", .text(type))
        self.set("messaging.destination.name", .text(name.isEmpty ? "amq.default" : name))
        if !routingKey.isEmpty { self.set("messaging.rabbitmq.destination.routing_key", .text(routingKey)) }
    }

    private func describe(_ properties: MessageProperties, bodySize: Int) {
        self.set("messaging.message.id", properties.messageID?.description)
        self.set("messaging.message.conversation_id", properties.correlationID?.description)
        self.set("messaging.message.body.size", .integer(bodySize))
    }
}
