/// Elements that the protocol numbers one after another, some of them gone already: tags of deliveries, publisher confirms.
struct SequenceWindow<Element> {
    private var storage: [Element?] = []
    private var head = 0

    /// The number of the first place that the window still has.
    private(set) var first: UInt64
    private(set) var count = 0

    init(first: UInt64 = 1) {
        self.first = first
    }

    /// The number that the next element gets.
    var next: UInt64 { self.first + UInt64(self.storage.count - self.head) }
    var isEmpty: Bool { self.count == 0 }

    @discardableResult
    mutating func append(_ element: Element) -> UInt64 {
        defer {
            self.storage.append(element)
            self.count += 1
        }
        return self.next
    }

    subscript(number: UInt64) -> Element? {
        guard let index = self.index(of: number) else { return nil }
        return self.storage[index]
    }

    /// Takes back the element appended last; its number goes to the next one.
    mutating func removeLast() -> Element? {
        guard self.storage.count > self.head, let element = self.storage.removeLast() else { return nil }
        self.count -= 1
        return element
    }

    /// Changes the element in place; false where it is gone or never was.
    @discardableResult
    mutating func update(_ number: UInt64, _ change: (inout Element) -> Void) -> Bool {
        guard let index = self.index(of: number), var element = self.storage[index] else { return false }
        self.storage[index] = nil
        change(&element)
        self.storage[index] = element
        return true
    }

    mutating func remove(_ number: UInt64) -> Element? {
        guard let index = self.index(of: number), let element = self.storage[index] else { return nil }
        self.storage[index] = nil
        self.count -= 1
        self.dropGone()
        return element
    }

    /// Removes every element up to and including `number`, in order.
    mutating func removeAll(through number: UInt64) -> [Element] {
        guard number >= self.first, self.next > self.first else { return [] }
        let end = self.head + Int(min(number, self.next - 1) - self.first + 1)
        let removed = self.storage[self.head..<end].compactMap { $0 }
        for index in self.head..<end { self.storage[index] = nil }
        self.count -= removed.count
        self.dropGone()
        return removed
    }

    mutating func removeAll() -> [Element] {
        self.removeAll(through: self.next - 1)
    }

    /// Every element that is there, in order, with its number.
    func forEach(_ body: (UInt64, Element) -> Void) {
        var number = self.first
        for element in self.storage[self.head...] {
            if let element { body(number, element) }
            number += 1
        }
    }

    private func index(of number: UInt64) -> Int? {
        number >= self.first && number < self.next ? self.head + Int(number - self.first) : nil
    }

    private mutating func dropGone() {
        while self.head < self.storage.count, self.storage[self.head] == nil {
            self.head += 1
            self.first += 1
        }
        if self.head == self.storage.count {
            self.storage.removeAll(keepingCapacity: true)
            self.head = 0
        } else if self.head >= 256, self.head * 2 >= self.storage.count {
            self.storage.removeFirst(self.head)
            self.head = 0
        }
    }
}
