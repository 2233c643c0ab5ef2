import Dispatch
import GRDB
import Synchronization

/// Runs database work of concurrent requests in shared transactions.
///
/// What arrives while a transaction is being committed waits and goes into the next one, so the cost of a sync to disk is
/// divided by the number of requests in flight. A call returns after the commit of its transaction, never before.
final class GroupCommit: Sendable {
    /// One caller's piece of work, and how the caller hears of its end.
    private struct Piece: Sendable {
        /// Does the work; what comes back tells its end, once the transaction is committed.
        var run: @Sendable (Database) -> Report
        var fail: @Sendable (any Error) -> Void
    }

    private struct Report: Sendable {
        var tell: @Sendable () -> Void
        var error: (any Error)?
    }

    private struct Waiting {
        var pieces: [Piece] = []
        var isDraining = false
        /// One that does not pass, of a sync above all: what comes after could look stored and not be.
        var failure: SessionStoreError?
    }

    /// A transaction of more would keep the first of its pieces waiting too long.
    private static let largestBatch = 512

    private let database: DatabaseQueue
    private let committed: @Sendable (Int) -> Void
    private let waiting = Mutex(Waiting())
    private let queue = DispatchQueue(label: "upload-sessions.commit")

    /// - Parameter committed: told how many pieces of work shared each commit.
    init(_ database: DatabaseQueue, committed: @escaping @Sendable (Int) -> Void = { _ in }) {
        self.database = database
        self.committed = committed
    }

    /// Does the work within a transaction and returns its value once that is committed.
    ///
    /// The work may read as it likes and write with one statement: a statement that fails undoes itself and leaves the
    /// neighbours' work alone.
    ///
    /// - Throws: the work's own error, or `SessionStoreError` where the database failed. After a failure that does not pass,
    ///   nothing is stored any more.
    func perform<Value: Sendable>(_ work: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            self.enqueue(
                Piece(
                    run: { db in
                        let result = Result { try work(db) }.mapError { error -> any Error in
                            error is DatabaseError ? SessionStoreError(error) : error
                        }
                        return Report(tell: { continuation.resume(with: result) }, error: result.failure)
                    },
                    fail: { continuation.resume(throwing: $0) }
                )
            )
        }
    }

    private func enqueue(_ piece: Piece) {
        let mustDrain = self.waiting.withLock { waiting in
            defer { waiting.isDraining = true }
            waiting.pieces.append(piece)
            return !waiting.isDraining
        }
        if mustDrain { self.queue.async { self.drain() } }
    }

    private func drain() {
        while true {
            let batch = self.waiting.withLock { waiting in
                let batch = Array(waiting.pieces.prefix(Self.largestBatch))
                waiting.pieces.removeFirst(batch.count)
                waiting.isDraining = !batch.isEmpty
                return batch
            }
            if batch.isEmpty { return }
            self.commit(batch)
        }
    }

    private func commit(_ batch: [Piece]) {
        if let failure = self.waiting.withLock(\.failure) {
            for piece in batch { piece.fail(failure) }
            return
        }
        var reports: [Report] = []
        reports.reserveCapacity(batch.count)
        do {
            try self.database.writeWithoutTransaction { db in
                try db.inTransaction(.immediate) {
                    for piece in batch {
                        let report = piece.run(db)
                        reports.append(report)
                        // A full disk ends the transaction from within; what follows must not run without one.
                        guard db.isInsideTransaction else { throw report.error ?? TransactionLost() }
                        if let failure = report.error as? SessionStoreError, !failure.canPass { throw failure }
                    }
                    return .commit
                }
            }
        } catch {
            let failure = error as? SessionStoreError ?? SessionStoreError(error)
            if !failure.canPass { self.waiting.withLock { $0.failure = failure } }
            for piece in batch { piece.fail(failure) }
            return
        }
        for report in reports { report.tell() }
        self.committed(batch.count)
    }
}

/// SQLite rolled the transaction back by itself and no statement says why: https://www.sqlite.org/lang_transaction.html
private struct TransactionLost: Error, CustomStringConvertible {
    let description = "the transaction was rolled back"
}

extension Result {
    fileprivate var failure: Failure? {
        guard case .failure(let failure) = self else { return nil }
        return failure
    }
}
