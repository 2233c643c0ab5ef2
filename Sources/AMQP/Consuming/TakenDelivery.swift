/// A delivery that was asked for by itself; it is handled like any other.
package struct TakenDelivery: Sendable {
    package let delivery: Delivery
    let handled: Answer<Void>

    /// Returns once its handler has; to be awaited once, and by one task only.
    package func waitUntilHandled() async {
        await self.handled.wait()
    }

    /// The same, or when the time is over.
    package func waitUntilHandled(atMost limit: Duration) async {
        async let _: Void = self.giveUp(after: limit)
        await self.handled.wait()
    }

    private func giveUp(after limit: Duration) async {
        // Cancelled where it was handled in time.
        guard (try? await Task.sleep(for: limit)) != nil else { return }
        self.handled.give(())
    }
}

/// A delivery on its way to its handler.
struct Arrival: Sendable {
    let delivery: Delivery
    /// Of one that was taken singly.
    var handled: Answer<Void>?
}
