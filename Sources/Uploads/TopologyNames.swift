/// The names of the worker's exchanges and queues.
package struct TopologyNames: Hashable, Sendable {
    /// Of every name; also the exchange that requests are published to.
    package let prefix: String

    package init(prefix: String) {
        self.prefix = prefix
    }

    package var exchange: String { self.prefix }
    /// The topic exchange of results and the queue that reads it.
    package var results: String { "\(self.prefix).results" }
    /// The fanout exchange of dead letters and its queue.
    package var dead: String { "\(self.prefix).dead" }

    package var requestQueues: [String] { RequestKind.allCases.map(self.queue(for:)) }

    package func queue(for kind: RequestKind) -> String {
        "\(self.prefix).\(kind.rawValue)"
    }

    /// The fanout exchange of retries after a delay and the queue that holds them.
    package func retryQueue(delayMilliseconds: Int) -> String {
        "\(self.prefix).retry.\(delayMilliseconds)"
    }

    /// nil for a queue of anything but requests.
    package func kind(ofQueue queue: String) -> RequestKind? {
        RequestKind.allCases.first { self.queue(for: $0) == queue }
    }

    /// True for every name above, whatever the delay: a schedule that was changed leaves its queues behind.
    package func owns(_ name: String) -> Bool {
        [self.exchange, self.results, self.dead].contains(name) || self.kind(ofQueue: name) != nil
            || self.isRetryQueue(name)
    }

    /// True for the exchanges that requests are copied to: those of retries and of dead letters.
    package func takesCopies(_ exchange: String) -> Bool { exchange == self.dead || self.isRetryQueue(exchange) }

    private func isRetryQueue(_ name: String) -> Bool {
        let start = "\(self.prefix).retry."
        guard name.utf8.starts(with: start.utf8) else { return false }
        let delay = name.utf8.dropFirst(start.utf8.count)
        return !delay.isEmpty && delay.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
