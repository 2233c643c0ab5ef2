import Testing

@testable import S3

/// A ring that is lost leaves its test waiting.
@Suite(.timeLimit(.minutes(1))) struct BellTests {
    private let bell = Bell()

    @Test("A ring before the wait is heard")
    func before() async {
        self.bell.ring()
        await self.bell.wait()
    }

    @Test("A ring after a wait that was cancelled is heard by the next")
    func afterCancellation() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.bell.wait() }
            group.cancelAll()
        }
        self.bell.ring()
        await self.bell.wait()
    }

    @Test("A ring during the wait is heard")
    func during() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.bell.wait() }
            self.bell.ring()
        }
    }
}
