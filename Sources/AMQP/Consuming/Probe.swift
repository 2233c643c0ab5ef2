/// Takes one message from several queues: asks one after the other, and begins with another the next time.
struct Probe {
    private let queues: [String]
    private var next = 0
    private var left = 0
    private(set) var asked: String?

    init(queues: [String]) {
        self.queues = queues
    }

    /// One message is wanted; nothing changes while one is being looked for.
    mutating func begin() {
        guard self.left == 0, self.asked == nil else { return }
        self.left = self.queues.count
    }

    /// The queue to ask now.
    mutating func queueToAsk() -> String? {
        guard self.asked == nil, self.left > 0 else { return nil }
        self.left -= 1
        defer { self.next = (self.next + 1) % self.queues.count }
        self.asked = self.queues[self.next]
        return self.asked
    }

    /// The queue asked had nothing.
    mutating func wasEmpty() {
        self.asked = nil
    }

    /// The queue asked, which had one.
    mutating func found() -> String? {
        self.left = 0
        defer { self.asked = nil }
        return self.asked
    }
}
