import Synchronization

/// Finished spans on their way to the collector: as many as fit, the later ones are dropped. Appending never waits.
final class SpanQueue: Sendable {
    private struct State {
        var spans: [FinishedSpan] = []
        /// Taken, and not exported or given up yet.
        var underWay = 0
        var waiting: [AsyncStream<Never>.Continuation] = []
    }

    /// Rings when a batch is full, and when somebody waits for the rest.
    let bell = Alarm()
    private let limit: Int
    private let batchSize: Int
    private let metrics: WorkerMetrics
    private let state = Mutex(State())

    init(limit: Int, batchSize: Int, metrics: WorkerMetrics) {
        self.limit = limit
        self.batchSize = batchSize
        self.metrics = metrics
    }

    /// How many are neither exported nor given up.
    var count: Int { self.state.withLock { $0.spans.count + $0.underWay } }

    func append(_ span: FinishedSpan) {
        let count = self.state.withLock { state -> Int? in
            guard state.spans.count < self.limit else { return nil }
            state.spans.append(span)
            return state.spans.count
        }
        guard let count else { return self.metrics.spansDropped.add(["queue_full"]) }
        if count.isMultiple(of: self.batchSize) { self.bell.ring() }
    }

    /// The next batch, to be followed by `finished(_:)`; nil when there is nothing.
    func take() -> [FinishedSpan]? {
        self.state.withLock { state in
            guard !state.spans.isEmpty else { return nil }
            let batch = Array(state.spans.prefix(self.batchSize))
            state.spans.removeFirst(batch.count)
            state.underWay += batch.count
            return batch
        }
    }

    func finished(_ batch: [FinishedSpan]) {
        let waiting = self.state.withLock { state -> [AsyncStream<Never>.Continuation] in
            state.underWay -= batch.count
            guard state.spans.isEmpty, state.underWay == 0 else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
        for each in waiting { each.finish() }
    }

    /// Returns once nothing is left, or when cancelled.
    func drained() async {
        let end = AsyncStream.makeStream(of: Never.self)
        let isEmpty = self.state.withLock { state in
            let isEmpty = state.spans.isEmpty && state.underWay == 0
            if !isEmpty { state.waiting.append(end.continuation) }
            return isEmpty
        }
        if isEmpty { return }
        self.bell.ring()
        for await _ in end.stream {}
    }
}
