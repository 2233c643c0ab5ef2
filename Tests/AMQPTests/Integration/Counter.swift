import Synchronization

/// Counts from any task.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { self.count.load(ordering: .relaxed) }

    @discardableResult
    func add() -> Int {
        self.count.add(1, ordering: .relaxed).newValue
    }
}
