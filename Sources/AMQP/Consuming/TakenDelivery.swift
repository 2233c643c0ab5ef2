/// A delivery that was asked for by itself; it is handled like any other.
package struct TakenDelivery: Sendable {
    package let delivery: Delivery
    let handled: Answer<Void>

    /// Returns once its handler has; to be awaited once, and by one task only.
    package func waitUntilHandled() async {
        await self.handled.wait()
    }

    /// The same, or when the time is over or the task is cancelled.
    package func waitUntilHandled(atMost limit: Duration) async {
        async let _: Void = self.giveUp(after: limit)
        await self.handled.wait()
    }

    private func giveUp(after limit: Duration) async {
        // Ends early where it was handled in time, and then giving up changes nothing, or where the waiting task is cancelled.
        _ = try? await Task.sleep(for: limit)
        self.handled.give(())
    }
}
