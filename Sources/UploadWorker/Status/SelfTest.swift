import Logging
import S3

/// Finds out, without a request, whether the database takes writes and the store answers, so that readiness does not wait
/// for a request to fail.
struct SelfTest: Sendable {
    let store: any MultipartStore
    let contact: StoreContact
    let sessions: any SessionStore
    let databaseOutage: DatabaseOutage
    let metrics: WorkerMetrics
    /// Told what ends the process.
    let failure: AsyncStream<any Error>.Continuation
    let logger: Logger

    private static let databaseInterval = Duration.seconds(4)
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
        while true {
            // During an outage the intake tries it, and more often.
            if !self.databaseOutage.isDown { await self.tryDatabase() }
            try await Task.sleep(for: Self.databaseInterval)
        }
    }

    private func tryDatabase() async {
        do {
            try await self.sessions.proveWritable()
            let counts = try await self.sessions.counts().map { ($0.key.rawValue, Double($0.value)) }
            self.metrics.sessions.set(Dictionary(uniqueKeysWithValues: counts))
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
            guard self.contact.isQuiet(for: Self.quiet) else { continue }
            do throws(S3Error) {
                try await self.store.headBucket()
            } catch {
                if error.kind == .passing { self.contact.failed(error) }
                self.logger.debug("The store does not answer", error: error)
            }
        }
    }
}
