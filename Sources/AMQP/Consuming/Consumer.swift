import Logging

/// Consumes queues over one connection that it makes again whenever it is lost.
///
/// A delivery that is neither acknowledged, rejected nor released before its connection ends is delivered again.
package final class Consumer: Sendable {
    private let life: ConnectionLife<ConsumerRole.Command>
    private let settings: ConsumerSettings

    /// - Parameters:
    ///   - prefetch: Unacknowledged deliveries per queue, and so how many of a queue's are handled at a time.
    ///   - bodyLimit: A larger body is read and dropped; `Delivery.bodySize` tells.
    ///   - bodyRoom: So is one that finds no room beside those of deliveries not settled yet.
    ///   - topology: Declared on every connection, and when the broker ends a consumer.
    ///   - startsPaused: Nothing is consumed before `resume`.
    package init(
        configuration: BrokerConfiguration,
        queues: [String],
        prefetch: UInt16,
        bodyLimit: Int,
        bodyRoom: BodyRoom? = nil,
        topology: Topology?,
        startsPaused: Bool = false,
        logger: Logger
    ) {
        self.life = ConnectionLife(configuration: configuration, logger: logger)
        self.settings = ConsumerSettings(
            queues: queues,
            prefetch: prefetch,
            bodyLimit: bodyLimit,
            bodyRoom: bodyRoom,
            topology: topology,
            startsPaused: startsPaused
        )
    }

    package var status: BrokerStatus { self.life.board.status }
    /// How often a lost connection was made again.
    package var reconnections: Int { self.life.board.reconnections }

    /// Runs until stopped or cancelled; each delivery is handled in a child task of its own, cancelled with this one.
    ///
    /// Returns once the handlers have ended and the broker has their acknowledgements. Throws where the first round through
    /// the URLs shows that trying again is of no use. Runs once.
    package func run(handle: @escaping @Sendable (Delivery) async -> Void) async throws(BrokerError) {
        let (deliveries, continuation) = AsyncStream.makeStream(of: [Arrival].self)
        let settings = self.settings
        let failure = await withTaskCancellationHandler {
            async let failure = self.life.run(persistence: .forever, named: "amqp-consume") {
                ConsumerRole(settings: settings, deliveries: continuation)
            }
            await withDiscardingTaskGroup { group in
                for await batch in deliveries {
                    for arrival in batch {
                        group.addTask {
                            await handle(arrival.delivery)
                            arrival.handled?.give(())
                        }
                    }
                }
            }
            self.life.mailbox.post(.finish)
            return await failure
        } onCancel: {
            self.life.stop(.stop)
        }
        if let failure { throw failure }
    }

    /// Tells the broker that the delivery is done with. Does not wait; nothing happens where its connection is gone.
    package func acknowledge(_ delivery: Delivery) {
        self.life.mailbox.post(.settle(delivery.tag, .acknowledged))
    }

    /// Has the broker dead-letter the delivery.
    package func reject(_ delivery: Delivery) {
        self.life.mailbox.post(.settle(delivery.tag, .rejected))
    }

    /// Puts the delivery back into its queue, where its delivery count is one higher.
    package func release(_ delivery: Delivery) {
        self.life.mailbox.post(.settle(delivery.tag, .released))
    }

    /// Stops consuming, with the connection kept. What the broker had sent already is still handled.
    package func pause() {
        self.life.mailbox.post(.pause)
    }

    /// Takes one message of a queue, which need not be consumed; it is handled like any delivery.
    ///
    /// Waits while there is no connection.
    ///
    /// - Returns: nil where the queue is empty or missing, and when consumption stops for good.
    package func take(from queue: String) async -> TakenDelivery? {
        let wish = SingleTakes.Wish(queue: queue, answer: Answer())
        return await withTaskCancellationHandler {
            if !self.life.mailbox.post(.take(wish)) { wish.answer.give(nil) }
            return await wish.answer.wait()
        } onCancel: {
            wish.answer.give(nil)
        }
    }

    /// Consumes, after `pause` or where it started paused.
    package func resume() {
        self.life.mailbox.post(.resume)
    }

    /// Stops consuming for good; `run` returns once what the broker had sent is handled and settled.
    package func stop() {
        self.life.stop(.stop)
    }
}
