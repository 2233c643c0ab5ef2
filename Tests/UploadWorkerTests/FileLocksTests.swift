import Synchronization
import Testing
import Uploads

@testable import UploadWorker

@Suite("File locks")
struct FileLocksTests {
    private static func file(_ id: String) throws -> FileReference {
        FileReference(userID: try UserID(parsing: "42"), fileID: try FileID(parsing: id))
    }

    @Test("let one task at a time hold a file")
    func oneAtATime() async throws {
        let locks = FileLocks()
        let file = try Self.file("a")
        let inside = Occupancy()
        await withTaskGroup(of: Void.self) { group in
            for _ in 1...200 {
                group.addTask {
                    await locks.withLock(on: file) {
                        inside.enter()
                        await Task.yield()
                        inside.leave()
                    }
                }
            }
        }
        #expect(inside.most == 1)
        #expect(inside.total == 200)
    }

    @Test("keep no one from another file")
    func otherFiles() async throws {
        let locks = FileLocks()
        let (first, second) = (try Self.file("a"), try Self.file("b"))
        let reached = await locks.withLock(on: first) { await locks.withLock(on: second) { true } }
        #expect(reached)
    }

    @Test("are free again after an error")
    func freeAfterError() async throws {
        struct Failure: Error {}
        let locks = FileLocks()
        let file = try Self.file("a")
        await #expect(throws: Failure.self) { try await locks.withLock(on: file) { throw Failure() } }
        #expect(await locks.withLock(on: file) { true })
    }
}

/// How many are inside at the same time.
private final class Occupancy: Sendable {
    private let state = Mutex((now: 0, most: 0, total: 0))

    var most: Int { self.state.withLock { $0.most } }
    var total: Int { self.state.withLock { $0.total } }

    func enter() {
        self.state.withLock { state in
            state.now += 1
            state.most = max(state.most, state.now)
        }
    }

    func leave() {
        self.state.withLock { state in
            state.now -= 1
            state.total += 1
        }
    }
}
