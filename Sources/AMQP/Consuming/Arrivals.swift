/// Deliveries on their way from the connection's thread to their handlers, batch by batch.
struct Arrivals {
    private let stream: AsyncStream<[Arrival]>.Continuation
    private var batch: [Arrival] = []
    private(set) var hasEnded = false

    init(to stream: AsyncStream<[Arrival]>.Continuation) {
        self.stream = stream
    }

    mutating func append(_ arrival: Arrival) {
        self.batch.append(arrival)
    }

    mutating func passOn() {
        guard !self.batch.isEmpty else { return }
        // Nobody takes any more once the consumer's task is cancelled.
        if case .terminated = self.stream.yield(self.batch) { self.drop() } else { self.batch = [] }
    }

    /// Those not passed on yet will have no handler, and nobody is to wait for one: the broker delivers them again.
    mutating func drop() {
        for arrival in self.batch { arrival.handled?.give(()) }
        self.batch = []
    }

    /// Passes on the last.
    mutating func end() {
        self.passOn()
        guard !self.hasEnded else { return }
        self.hasEnded = true
        self.stream.finish()
    }
}

/// A delivery on its way to its handler.
struct Arrival: Sendable {
    let delivery: Delivery
    /// Of one that was taken singly.
    var handled: Answer<Void>?
}
