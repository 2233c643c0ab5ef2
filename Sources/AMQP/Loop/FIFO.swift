/// A line: in at the back, out at the front, and back in at the front for those who have to go again.
struct FIFO<Element> {
    private var storage: [Element] = []
    private var head = 0

    var count: Int { self.storage.count - self.head }
    var isEmpty: Bool { self.count == 0 }
    var first: Element? { self.isEmpty ? nil : self.storage[self.head] }

    mutating func append(_ element: Element) {
        self.storage.append(element)
    }

    mutating func append(contentsOf elements: [Element]) {
        self.storage.append(contentsOf: elements)
    }

    mutating func prepend(contentsOf elements: [Element]) {
        self.storage.replaceSubrange(..<self.head, with: elements)
        self.head = 0
    }

    mutating func popFirst() -> Element? {
        guard let element = self.first else { return nil }
        self.head += 1
        if self.head == self.storage.count {
            self.storage.removeAll(keepingCapacity: true)
            self.head = 0
        } else if self.head >= 256, self.head * 2 >= self.storage.count {
            self.storage.removeFirst(self.head)
            self.head = 0
        }
        return element
    }

    mutating func removeAll() -> [Element] {
        defer { self = FIFO() }
        return Array(self.storage[self.head...])
    }
}
