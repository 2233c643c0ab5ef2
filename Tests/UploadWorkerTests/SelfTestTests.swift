import Foundation
import Logging
import Testing
import Uploads

@testable import UploadWorker

@Suite("The self-test")
final class SelfTestTests {
    private let path = NSTemporaryDirectory() + "self-test-\(UUID().uuidString).sqlite"
    private let metrics = WorkerMetrics()
    private let outage = DatabaseOutage(alarm: Alarm())

    deinit {
        for suffix in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: self.path + suffix) }
    }

    private func test() throws -> SelfTest {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return SelfTest(
            store: StoreWatch(
                askForBucket: {},
                askToWrite: {},
                refusal: StoreRefusal(bucket: "b", region: "r", key: "k"),
                contact: StoreContact(),
                logger: logger
            ),
            sessions: SQLiteSessionStore(try SessionDatabase(path: self.path)),
            databaseOutage: self.outage,
            metrics: self.metrics,
            failure: AsyncStream.makeStream(of: (any Error).self).continuation,
            logger: logger
        )
    }

    @Test("reads the number of sessions, and finds a database that takes writes")
    func database() async throws {
        let test = try self.test()
        await test.tryDatabase()
        await test.countSessions()
        #expect(!self.outage.isDown)
        var page = MetricsPage()
        self.metrics.sessions.write(to: &page)
        #expect(page.text.contains(#"upload_worker_sessions{state="started"} 0"#))
    }
}
