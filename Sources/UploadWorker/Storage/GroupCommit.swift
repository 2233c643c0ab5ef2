import Dispatch
import GRDB
import Synchronization

/// Runs database work of concurrent requests in shared transactions.
///
/// What arrives while a transaction is being committed waits and goes into the next one, so the cost of a sync to disk is
/// divided by the number of requests in flight. A call returns after the commit of its transaction, never before.
final class GroupCommit: Sendable {
    /// One caller's work, and how the caller hears of its end.
    private struct Request: Sendable {
        /// Does the work; what comes back reports it, once the transaction is committed.
        var run: @Sendable (Database) -> @Sendable () -> Void
        var fail: @Sendable (any Error) -> Void
    }

    private struct Waiting {
        var requests: [Request] = []
        var isDraining = false
        /// Of a commit, or of a sync within it: what comes after could look stored and not be.
        var failure: (any Error)?
    }

    /// A transaction of more would keep the first of its requests waiting too long.
    private static let largestBatch = 512

    private let database: DatabaseQueue
    private let waiting = Mutex(Waiting())
    private let thread = DispatchQueue(label: "upload-sessions.commit")

    init(_ database: DatabaseQueue) { self.database = database }

    /// Does the work within a transaction and returns its value once that is committed.
    ///
    /// The work may read as it likes and write with one statement: a statement that fails undoes itself and leaves the
    /// neighbours' work alone.
    ///
    /// - Throws: the work's own error, or the transaction's. Nothing is stored after a transaction failed.
    func perform<Value: Sendable>(_ work: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            self.enqueue(
                Request(
                    run: { db in
                        let result = Result { try work(db) }
                        return { continuation.resume(with: result) }
                    },
                    fail: { continuation.resume(throwing: $0) }
                )
            )
        }
    }

    private func enqueue(_ request: Request) {
        let mustDrain = self.waiting.withLock { waiting in
            defer { waiting.isDraining = true }
            waiting.requests.append(request)
            return !waiting.isDraining
        }
        if mustDrain { self.thread.async { self.drain() } }
    }

    private func drain() {
        while true {
            let batch = self.waiting.withLock { waiting in
                let batch = Array(waiting.requests.prefix(Self.largestBatch))
                waiting.requests.removeFirst(batch.count)
                waiting.isDraining = !batch.isEmpty
                return batch
            }
            if batch.isEmpty { return }
            self.commit(batch)
        }
    }

    private func commit(_ batch: [Request]) {
        if let failure = self.waiting.withLock(\.failure) {
            for request in batch { request.fail(failure) }
            return
        }
        var reports: [@Sendable () -> Void] = []
        reports.reserveCapacity(batch.count)
        do {
            try self.database.writeWithoutTransaction { db in
                try db.inTransaction(.immediate) {
                    for request in batch {
                        reports.append(request.run(db))
                        // A full disk ends the transaction from within; what follows must not run without one.
                        guard db.isInsideTransaction else { throw TransactionLost() }
                    }
                    return .commit
                }
            }
        } catch {
            self.waiting.withLock { $0.failure = error }
            for request in batch { request.fail(error) }
            return
        }
        for report in reports { report() }
    }
}

/// SQLite rolled the transaction back by itself (full disk, I/O error): https://www.sqlite.org/lang_transaction.html
struct TransactionLost: Error {}
