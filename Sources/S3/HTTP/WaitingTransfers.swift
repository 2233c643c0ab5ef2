/// Requests that wait for a free connection, first come, first served.
struct WaitingTransfers {
    /// Nil where one has been taken or cancelled; those before `head` all are.
    private var queue: [WaitingTransfer?] = []
    private var head = 0

    mutating func append(_ transfer: WaitingTransfer) {
        self.queue.append(transfer)
    }

    mutating func removeFirst() -> WaitingTransfer? {
        while self.head < self.queue.count {
            defer { self.head += 1 }
            if let first = self.queue[self.head] {
                self.queue[self.head] = nil
                return first
            }
        }
        self.queue.removeAll(keepingCapacity: true)
        self.head = 0
        return nil
    }

    mutating func remove(_ id: UInt64) -> WaitingTransfer? {
        guard let index = self.queue.firstIndex(where: { $0?.id == id }) else { return nil }
        defer { self.queue[index] = nil }
        return self.queue[index]
    }
}
