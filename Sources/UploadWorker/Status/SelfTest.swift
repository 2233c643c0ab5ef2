import Logging

/// Finds out, without a request, whether the database takes writes and the store serves, so that readiness does not wait
/// for a request to fail.
struct SelfTest: Sendable {
    let store: StoreWatch
    let sessions: any SessionStore
    let databaseOutage: DatabaseOutage
    let metrics: WorkerMetrics
    /// Told what ends the process.
    let failure: AsyncStream<any Error>.Continuation
    let logger: Logger

    private static let databaseInterval = Duration.seconds(4)
    /// Counting takes a hundredth of the time at most, however many sessions there are.
    private static let countsRest = 100

    /// Runs until cancelled.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.testDatabase() }
            group.addTask { try await self.store.run() }
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
}
