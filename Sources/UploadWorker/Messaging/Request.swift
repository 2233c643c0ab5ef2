import AMQP
import Uploads

/// A delivery of a request queue, with what its properties say about the request.
struct Request: Sendable {
    let delivery: Delivery
    let kind: RequestKind
    let attempts: Attempts
    /// The request's trace, where it came with one, and the worker's own span in it.
    let trace: TraceContext?
    let spanID: UInt64

    /// - Parameter kind: what the queue is for; the routing key says nothing.
    init(_ delivery: Delivery, kind: RequestKind, spanID: UInt64) {
        let headers = delivery.properties.headers
        self.delivery = delivery
        self.kind = kind
        self.attempts = Self.attempts(delivery)
        self.trace = headers?[TraceContext.traceparentHeader]?.text.flatMap { parent in
            TraceContext(traceparent: parent, tracestate: headers?[TraceContext.tracestateHeader]?.text)
        }
        self.spanID = spanID
    }

    /// The deliveries that earlier copies of the request had, and those of this one that ended without a settlement.
    private static func attempts(_ delivery: Delivery) -> Attempts {
        var values: [String: HeaderValue] = [:]
        for name in Attempts.headerNames {
            let value = delivery.properties.headers?[name]
            values[name] = value?.integer.map(HeaderValue.integer) ?? value?.text.map(HeaderValue.text)
        }
        let attempts = Attempts(headers: values)
        return Attempts(
            count: attempts.count + delivery.deliveryCount,
            retriesDone: attempts.retriesDone,
            firstFailedAt: attempts.firstFailedAt
        )
    }

    /// Whether it was delivered, retried or replayed before. Headers can be forged: then it costs one call to the store.
    var isRepeated: Bool {
        self.delivery.isRedelivered || self.attempts.count > 1
            || self.delivery.properties.headers?[DeadLetter.replaysHeader] != nil
    }

    /// False where the body was over the consumer's limit and read away.
    var isBodyKept: Bool { self.delivery.bodySize == UInt64(self.delivery.body.count) }

    /// What makes two deliveries the same request.
    func identity(of file: FileReference?) -> RequestIdentity {
        let properties = self.delivery.properties
        return RequestIdentity(
            kind: self.kind,
            messageID: properties.messageID?.bytes,
            correlationID: properties.correlationID?.bytes,
            replyTo: properties.replyTo?.bytes,
            timestamp: properties.timestamp,
            body: self.delivery.body,
            file: file
        )
    }
}
