import Logging
import S3

/// Finds out, without a request, whether the database takes writes and the store answers, so that readiness does not wait
/// for a request to fail.
struct SelfTest: Sendable {
    /// Any call that changes nothing.
    let askStore: @Sendable () async throws(S3Error) -> Void
    let contact: StoreContact
    let sessions: any SessionStore
    let databaseOutage: DatabaseOutage
    let metrics: WorkerMetrics
    /// Told what ends the process.
    let failure: AsyncStream<any Error>.Continuation
    let logger: Logger
    /// For the store's answer: less than its own time-out and the tries in place would take.
    var patience = Duration.seconds(10)

    private static let databaseInterval = Duration.seconds(4)
    /// Counting takes a hundredth of the time at most, however many sessions there are.
    private static let countsRest = 100
    private static let storeInterval = Duration.seconds(5)
    /// A store that answers requests is not asked besides.
    private static let quiet = Duration.seconds(10)

    /// Runs until cancelled.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.testDatabase() }
            group.addTask { try await self.testStore() }
            try await group.waitForAll()
        }
    }

    private func testDatabase() async throws {
        var nextCount = ContinuousClock.now
        while true {
            // During an outage the intake tries it, and more often.
            if !self.databaseOutage.isDown { await self.tryDatabase() }
            if !self.databaseOutage.isDown, .now >= nextCount {
                let took = await ContinuousClock().measure { await self.countSessions() }
                nextCount = .now + took * Self.countsRest
            }
            try await Task.sleep(for: Self.databaseInterval)
        }
    }

    /// Of a failure here nobody is told but the log: whether the database serves is not found out by counting.
    func countSessions() async {
        do {
            let counts = try await self.sessions.counts().map { ($0.key.rawValue, Double($0.value)) }
            self.metrics.sessions.set(Dictionary(uniqueKeysWithValues: counts))
        } catch {
            self.logger.warning("Sessions not counted", error: error)
        }
    }

    func tryDatabase() async {
        do {
            try await self.sessions.proveWritable()
        } catch let error as SessionStoreError where error.canPass {
            self.databaseOutage.began(error)
        } catch let error as SessionStoreError {
            self.logger.critical("Session database failed", error: error)
            self.failure.yield(SessionDatabaseFailed(cause: error))
        } catch {
            self.logger.warning("Session database not tested", error: error)
        }
    }

    private func testStore() async throws {
        while true {
            try await Task.sleep(for: Self.storeInterval)
            if self.contact.isQuiet(for: Self.quiet) { await self.tryStore() }
        }
    }

    func tryStore() async {
        await withTaskGroup(of: String?.self) { group in
            group.addTask { await self.storeFailure() }
            group.addTask { await self.endOfPatience() }
            if let first = await group.next(), let failure = first { self.contact.failed(failure) }
            group.cancelAll()
        }
    }

    private func storeFailure() async -> String? {
        do throws(S3Error) {
            try await self.askStore()
            return nil
        } catch {
            return error.kind == .passing ? error.code : nil
        }
    }

    /// nil where the worker ends before.
    private func endOfPatience() async -> String? {
        do {
            try await Task.sleep(for: self.patience)
            return "nothing for \(self.patience.settingText)"
        } catch {
            return nil
        }
    }
}
