/// A delivery that was asked for by itself; it is handled like any other.
package struct TakenDelivery: Sendable {
    package let delivery: Delivery
    let handled: Answer<Void>

    /// Returns once its handler has; to be awaited by one task only.
    package func waitUntilHandled() async {
        await self.handled.wait()
    }
}

/// A delivery on its way to its handler.
struct Arrival: Sendable {
    let delivery: Delivery
    /// Of one that was taken singly.
    var handled: Answer<Void>?
}
