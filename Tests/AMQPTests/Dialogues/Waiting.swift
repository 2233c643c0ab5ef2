import Dispatch
import Testing

/// Holds up a fake broker's own thread until the test lets it go on.
func waitForEnd(of stream: AsyncStream<Void>) {
    let isOver = DispatchSemaphore(value: 0)
    Task {
        for await _ in stream {}
        isOver.signal()
    }
    isOver.wait()
}

/// Waits for what comes about by itself, with a limit that no healthy run comes near.
func eventually(_ condition: () -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while !condition() {
        try #require(ContinuousClock.now < deadline, "did not come about")
        try Task.checkCancellation()
        await Task.yield()
    }
}
