import Synchronization
import Uploads

/// Keeps requests for one file from running at the same time within this process, in the order in which they asked.
final class FileLocks: Sendable {
    private typealias Turn = CheckedContinuation<Void, Never>

    /// A file that is held has an entry; its array holds those who wait.
    private let holders = Mutex<[FileReference: [Turn]]>([:])

    /// Runs `body` when no one else holds the file.
    ///
    /// A cancelled task waits its turn like any other and finds its cancellation within `body`.
    func withLock<Value>(on file: FileReference, _ body: () async throws -> Value) async rethrows -> Value {
        await self.acquire(file)
        defer { self.release(file) }
        return try await body()
    }

    private func acquire(_ file: FileReference) async {
        let isFree = self.holders.withLock { holders in
            if holders[file] != nil { return false }
            holders[file] = []
            return true
        }
        if isFree { return }
        await withCheckedContinuation { turn in
            let isFreeByNow = self.holders.withLock { holders in
                guard holders[file] != nil else {
                    holders[file] = []
                    return true
                }
                holders[file, default: []].append(turn)
                return false
            }
            if isFreeByNow { turn.resume() }
        }
    }

    private func release(_ file: FileReference) {
        let next = self.holders.withLock { holders -> Turn? in
            guard var waiting = holders[file], !waiting.isEmpty else {
                holders[file] = nil
                return nil
            }
            let next = waiting.removeFirst()
            holders[file] = waiting
            return next
        }
        next?.resume()
    }
}
