/// Tells one listener that there is trouble to look at. Ringing again before it was heard makes no difference.
struct Alarm: Sendable {
    let rings: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (self.rings, self.continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func ring() {
        self.continuation.yield()
    }
}
