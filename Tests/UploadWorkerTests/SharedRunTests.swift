import Synchronization
import Testing

@testable import UploadWorker

@Suite("A run shared by those who ask for it")
struct SharedRunTests {
    @Test("happens once for all who ask while it lasts, and again for who asks later", .timeLimit(.minutes(1)))
    func shared() async {
        let (begun, gate) = (Flag(), Flag())
        let runs = Tally()
        let shared = SharedRun {
            runs.add()
            begun.raise()
            await gate.wait()
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await shared.run() }
            await begun.wait()
            for _ in 1...20 { group.addTask { await shared.run() } }
            while shared.waiting < 20 { await Task.yield() }
            gate.raise()
        }
        #expect(runs.count == 1)
        await shared.run()
        #expect(runs.count == 2)
    }

    @Test("gives nobody the outcome of a run that began before and had ended")
    func ended() async {
        let runs = Tally()
        let shared = SharedRun { runs.add() }
        for _ in 1...3 { await shared.run() }
        #expect(runs.count == 3)
    }
}

/// Raised once, and then passed by everybody.
private final class Flag: Sendable {
    private let stream: AsyncStream<Never>
    private let continuation: AsyncStream<Never>.Continuation

    init() {
        (self.stream, self.continuation) = AsyncStream.makeStream(of: Never.self)
    }

    func raise() { self.continuation.finish() }

    func wait() async { for await _ in self.stream {} }
}

private final class Tally: Sendable {
    private let number = Mutex(0)

    var count: Int { self.number.withLock(\.self) }

    func add() { self.number.withLock { $0 += 1 } }
}
