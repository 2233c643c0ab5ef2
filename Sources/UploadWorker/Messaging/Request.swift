import AMQP
import Uploads

/// A delivery of a request queue, with what its properties say about the request.
struct Request: Sendable {
    let delivery: Delivery
    let kind: RequestKind
    let attempts: Attempts
    /// The request's trace, where it came with one, and the worker's own span in it.
    var trace: TraceContext?
    let spanID: UInt64

    /// - Parameter kind: what the queue is for; the routing key says nothing.
    init(_ delivery: Delivery, kind: RequestKind, spanID: UInt64) {
        self.delivery = delivery
        self.kind = kind
        self.attempts = Self.attempts(delivery)
        self.trace = TraceContext(of: delivery)
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

extension TraceContext {
    /// The trace that the delivery came with, if any.
    init?(of delivery: Delivery) {
        let headers = delivery.properties.headers
        guard let parent = headers?[Self.traceparentHeader]?.text else { return nil }
        self.init(traceparent: parent, tracestate: headers?[Self.tracestateHeader]?.text)
    }
}
