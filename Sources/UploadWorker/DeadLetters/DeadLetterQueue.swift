import AMQP
import Foundation
import Logging
import Uploads

/// The dead-letter queue as an operator's commands see it.
struct DeadLetterQueue: Sendable {
    /// The largest body that RabbitMQ takes by default is 128 MiB; `show` shows what is larger than this without its body.
    static let largestBodyShown = 128 << 20

    let broker: BrokerSettings
    let rules: UploadRules
    let logger: Logger

    init(_ source: SettingsSource) throws(SettingError) {
        self.broker = try BrokerSettings(source)
        self.rules = try UploadRules(source)
        self.logger = try ProcessSettings(source).makeLogger(label: "dead", usualLevel: .error)
    }

    var name: String { self.broker.topology.dead }
    var names: TopologyNames { self.broker.topology }

    /// - Parameter window: how many may be held at first; nil for as many as there may be.
    func read<Element: Sendable, Result>(
        window: UInt16? = nil,
        bodyLimit: Int,
        prepare: @escaping @Sendable (Int, Delivery) -> Element,
        body: (QueueReader<Element>) async throws -> Result
    ) async throws -> Result {
        do {
            return try await withQueueReader(
                of: self.name,
                window: window,
                bodyLimit: bodyLimit,
                configuration: self.broker.connection(named: "upload-worker dead"),
                logger: self.logger,
                prepare: prepare,
                body: body
            )
        } catch QueueReaderError.noSuchQueue {
            throw DeadLetterQueueUnreadable(name: self.name, reason: "does not exist: run upload-worker setup")
        } catch QueueReaderError.beingRead {
            throw DeadLetterQueueUnreadable(
                name: self.name,
                reason: "is being read by another consumer, which would get a part of it: wait for that one, or end it"
            )
        } catch QueueReaderError.broker(let error) {
            throw error
        }
    }

    /// What `render` makes of every dead letter, in order, until `body` says that it has seen enough.
    ///
    /// Rendering takes place where the messages are read, so that what waits for a slow reader is small.
    func forEach<Rendered: Sendable>(
        _ render: @escaping @Sendable (DeadLetterSummary) -> Rendered?,
        _ body: (Rendered) throws -> Bool
    ) async throws {
        let (names, rules) = (self.names, self.rules)
        try await self.read(bodyLimit: rules.maxMessageBytes) { position, delivery in
            let summary = DeadLetterSummary(delivery, position: position, names: names, rules: rules)
            return (handle: summary.handle, rendered: render(summary))
        } body: { reader in
            for try await batch in reader.elements {
                for element in batch {
                    reader.leave(element.handle)
                    if let rendered = element.rendered, try !body(rendered) { return }
                }
            }
        }
        try Task.checkCancellation()
    }

    /// The dead letter at a position, or else the first with a message id; nil where there is none.
    func letter(_ wanted: String) async throws -> (DeadLetterSummary, Delivery)? {
        let (names, rules) = (self.names, self.rules)
        let number = Int(wanted)
        return try await self.read(bodyLimit: Self.largestBodyShown) { position, delivery in
            let isWanted = position == number || delivery.properties.messageID?.description == wanted
            return (handle: delivery.handle, found: isWanted ? (position, delivery) : nil)
        } body: { reader -> (DeadLetterSummary, Delivery)? in
            var named: (DeadLetterSummary, Delivery)?
            for try await batch in reader.elements {
                for element in batch {
                    reader.leave(element.handle)
                    guard let (position, delivery) = element.found, position == number || named == nil else { continue }
                    let summary = DeadLetterSummary(delivery, position: position, names: names, rules: rules)
                    if position == number { return (summary, delivery) }
                    named = (summary, delivery)
                }
            }
            return named
        }
    }
}

struct DeadLetterQueueUnreadable: Error, CustomStringConvertible {
    var name: String
    var reason: String

    var description: String { "the queue \(self.name) \(self.reason)" }
}
