import Synchronization

/// The time at the start in which requests that were delivered before are taken, one after the other, and nothing else.
final class SuspectRound: Sendable {
    private let hasEnded = Atomic(false)

    var isOver: Bool { self.hasEnded.load(ordering: .acquiring) }

    func end() {
        self.hasEnded.store(true, ordering: .releasing)
    }
}
