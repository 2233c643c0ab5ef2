import AMQP
import Uploads

/// A publisher, each publication on behalf of a delivery a span. A result names that span as its sender; a copy of the
/// request keeps the trace context that the request came with.
struct TracingPublisher: MessagePublisher {
    let publisher: any MessagePublisher
    let names: TopologyNames

    func publish(_ publication: Publication) async throws(PublishError) -> PublishOutcome {
        guard let span = Span.current?.child("publish \(self.target(of: publication))", .producer) else {
            return try await self.publisher.publish(publication)
        }
        defer { span.end() }
        span.describe(publication)
        do {
            let outcome = try await self.publisher.publish(self.carrying(span, publication))
            if case .returned = outcome { span.fail("returned") }
            return outcome
        } catch {
            span.fail(error.typeName)
            throw error
        }
    }

    /// Few names: a reply queue's own would make as many as there are requesters.
    private func target(of publication: Publication) -> String {
        publication.exchange.bytes.isEmpty ? "reply" : publication.exchange.description
    }

    private func carrying(_ span: Span, _ publication: Publication) -> Publication {
        if let exchange = publication.exchange.text, self.names.takesCopies(exchange) { return publication }
        var headers = publication.properties.headers ?? FieldTable()
        for (name, value) in span.trace.headers(spanID: span.id) { headers[name] = .string(AMQPString(value)) }
        var publication = publication
        publication.properties.headers = headers
        return publication
    }
}

extension PublishError {
    /// Of few values.
    fileprivate var typeName: String {
        switch self {
        case .cancelled: "cancelled"
        case .stopped: "stopped"
        case .tooLarge: "too_large"
        case .refused(let code, _): "refused_\(code)"
        case .unconfirmed: "unconfirmed"
        }
    }
}
