/// How often a request is delivered that is never settled.
package enum DeliveryLimit {
    /// Of the request queues: delivered once more, a request is dead-lettered by the broker, and its requester not told.
    package static let ofQueue = 20
    /// Delivered so often before, a request that cannot be settled is answered and dead-lettered by the worker instead of
    /// handed back. The deliveries left are for a worker that dies of it, which only the broker can end.
    package static let ofHandingBack = 15
}
