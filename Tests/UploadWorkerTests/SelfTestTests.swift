import Foundation
import Logging
import S3
import Testing
import Uploads

@testable import UploadWorker

@Suite("The self-test")
final class SelfTestTests {
    private let path = NSTemporaryDirectory() + "self-test-\(UUID().uuidString).sqlite"
    private let contact = StoreContact()
    private let metrics = WorkerMetrics()
    private let outage = DatabaseOutage(alarm: Alarm())

    deinit {
        for suffix in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: self.path + suffix) }
    }

    private func test(_ askStore: @escaping @Sendable () async throws(S3Error) -> Void) throws -> SelfTest {
        SelfTest(
            askStore: askStore,
            contact: self.contact,
            sessions: SQLiteSessionStore(try SessionDatabase(path: self.path)),
            databaseOutage: self.outage,
            metrics: self.metrics,
            failure: AsyncStream.makeStream(of: (any Error).self).continuation,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            patience: .milliseconds(1)
        )
    }

    @Test("takes a store that says nothing for one that does not answer")
    func silence() async throws {
        let test = try self.test { () throws(S3Error) in
            // Until it is cancelled.
            let never = AsyncStream.makeStream(of: Never.self)
            for await _ in never.stream {}
            never.continuation.finish()
        }
        for _ in 0..<StoreContact.failureLimit { await test.tryStore() }
        #expect(self.contact.reason == "the store does not answer: nothing for 1ms")
    }

    @Test("takes a store that refuses for one that answers", arguments: [S3Error.Kind.permanent, .passing])
    func refusal(kind: S3Error.Kind) async throws {
        var test = try self.test { () throws(S3Error) in
            throw S3Error(operation: .headBucket, kind: kind, code: "Told")
        }
        test.patience = .seconds(60)
        for _ in 0..<StoreContact.failureLimit { await test.tryStore() }
        #expect(self.contact.reason == (kind == .passing ? "the store does not answer: Told" : nil))
    }

    @Test("reads the number of sessions, and finds a database that takes writes")
    func database() async throws {
        let test = try self.test {}
        await test.tryDatabase()
        await test.countSessions()
        #expect(!self.outage.isDown)
        var page = MetricsPage()
        self.metrics.sessions.write(to: &page)
        #expect(page.text.contains(#"upload_worker_sessions{state="started"} 0"#))
    }
}
