import AMQP

/// Tells the broker how a delivery ended. `Consumer` does it for real.
protocol DeliverySettler: Sendable {
    func acknowledge(_ delivery: Delivery)
    /// Has the broker dead-letter the delivery.
    func reject(_ delivery: Delivery)
    /// Puts the delivery back into its queue.
    func release(_ delivery: Delivery)
}

extension Consumer: DeliverySettler {}
