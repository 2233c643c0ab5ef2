import Logging

/// Reads the messages that a queue holds, and leaves in it, in their order, all that it does not acknowledge.
///
/// The broker counts the reading as a delivery (`x-delivery-count`): AMQP 0-9-1 has no way to look without.
package final class QueueReader<Element: Sendable>: Sendable {
    private let life: ConnectionLife<QueueReaderRole<Element>.Command>
    /// How many messages the queue held at the start; those that come later are not read.
    package let count: Int
    /// What was made of the messages, in their order. Ends with the last, or early where others took some.
    package let elements: AsyncThrowingStream<[Element], any Error>

    fileprivate init(
        _ life: ConnectionLife<QueueReaderRole<Element>.Command>,
        count: Int,
        elements: AsyncThrowingStream<[Element], any Error>
    ) {
        self.life = life
        self.count = count
        self.elements = elements
    }

    /// Takes the message out of the queue.
    package func acknowledge(_ delivery: Delivery.Handle) {
        self.life.mailbox.post(.acknowledge(delivery.tag))
    }

    /// The message stays. To be told of each that is not acknowledged: more are read when this is known.
    package func leave(_ delivery: Delivery.Handle) {
        self.life.mailbox.post(.leave(delivery.tag))
    }
}

extension Delivery {
    /// What settles a delivery, without its contents.
    package struct Handle: Sendable {
        let tag: DeliveryTag
    }

    package var handle: Handle { Handle(tag: self.tag) }
}

/// Why a queue cannot be read.
package enum QueueReaderError: Error, Equatable, Sendable {
    case noSuchQueue
    /// It has a consumer, which would get a part of the messages.
    case beingRead
    case broker(BrokerError)
}

/// Runs `body` with a reader; when it returns, the broker has the acknowledgements and has taken the rest back.
///
/// - Parameters:
///   - window: How many messages may be held unsettled; where all of them are left, another channel reads on and may hold
///     twice as many. nil for as many as there may be.
///   - bodyLimit: A larger body is read and dropped.
///   - prepare: Run on the connection's thread with a message's position, from 1; what it returns is all that is kept.
package func withQueueReader<Element: Sendable, Result>(
    of queue: String,
    window: UInt16?,
    bodyLimit: Int,
    configuration: BrokerConfiguration,
    logger: Logger,
    prepare: @escaping @Sendable (Int, Delivery) -> Element,
    body: (QueueReader<Element>) async throws -> Result
) async throws -> Result {
    typealias Role = QueueReaderRole<Element>
    let life = ConnectionLife<Role.Command>(configuration: configuration, logger: logger)
    let opening = Answer<Swift.Result<Int, QueueReaderError>>()
    let (elements, continuation) = AsyncThrowingStream.makeStream(of: [Element].self)
    let window = min(window ?? .max, Role.largestWindow)
    let settings = Role.Settings(queue: queue, window: window, bodyLimit: bodyLimit, prepare: prepare)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            let failure = await life.run(persistence: .once, named: "amqp-read") {
                Role(settings: settings, opening: opening, elements: continuation)
            }
            if let failure { opening.give(.failure(.broker(failure))) }
        }
        defer { life.mailbox.post(.finish) }
        let count = try await opening.wait().get()
        return try await body(QueueReader(life, count: count, elements: elements))
    }
}
