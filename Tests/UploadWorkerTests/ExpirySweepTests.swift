import AMQP
import Foundation
import Logging
import S3
import Synchronization
import Testing
import Uploads

@testable import UploadWorker

@Suite("The expiry sweep")
final class ExpirySweepTests {
    private let path = NSTemporaryDirectory() + "sweep-\(UUID().uuidString).sqlite"
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    deinit {
        for suffix in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: self.path + suffix) }
    }

    /// Some sessions, the longest overdue first, and a check for strays.
    private func sweep(
        of store: SweptStore,
        publisher: TakingPublisher = TakingPublisher(),
        sessionCount: Int = 5,
        width: Int = 1,
        calls: SessionCalls = SessionCalls(),
        redeclare: @escaping @Sendable () async -> Void = {}
    ) async throws -> ExpirySweep {
        let sessions = SQLiteSessionStore(try SessionDatabase(path: self.path))
        for number in 1...sessionCount { _ = try await sessions.insert(Self.session(number)) }
        let file = try Self.file(0)
        let noted = Self.now.addingTimeInterval(-10 * 86_400)
        try await sessions.note(StrayCheck(file: file, key: ObjectKey("users/42/0"), notedAt: noted))
        return ExpirySweep(
            requests: RequestHandler(
                rules: UploadRules(),
                store: store,
                sessions: InterceptedSessions(sessions: sessions, interceptor: calls),
                urlExpiry: .seconds(86_400),
                now: { Self.now },
                makeSessionID: { SessionID(UUID()) },
                logger: CrashSettings.logger
            ),
            locks: FileLocks(),
            publisher: publisher,
            publications: Publications(names: TopologyNames(prefix: "uploads"), replyToPattern: nil),
            settings: CrashSettings.shared.sessions,
            outages: Outages(storeAfter: 0),
            metrics: WorkerMetrics(),
            redeclare: redeclare,
            logger: CrashSettings.logger,
            width: width
        )
    }

    private static func file(_ number: Int) throws -> FileReference {
        FileReference(userID: try UserID(parsing: "42"), fileID: try FileID(parsing: "\(number)"))
    }

    private static func session(_ number: Int) throws -> Session {
        Session(
            id: SessionID(UUID()),
            file: try Self.file(number),
            uploadID: try UploadID(parsing: "up-\(number)"),
            key: ObjectKey("users/42/\(number)"),
            partCount: 3,
            contentType: nil,
            startedAt: Self.now.addingTimeInterval(-8 * 86_400),
            expiresAt: Self.now.addingTimeInterval(-7 * 86_400 + Double(number))
        )
    }

    @Test("ends everything where the store lets it")
    func endsAll() async throws {
        let store = SweptStore { _ in nil }
        let sweep = try await self.sweep(of: store)
        var course = ExpirySweep.Course()
        try await sweep.sweep(&course)
        #expect(store.taken() == ["up-1", "up-2", "up-3", "up-4", "up-5", "users/42/0"])
        try await sweep.sweep(&course)
        #expect(store.taken().isEmpty)
    }

    @Test("asks a failing store once, and goes on behind that in the next sweep")
    func breaksOff() async throws {
        let store = SweptStore { _ in .passing }
        let sweep = try await self.sweep(of: store)
        var course = ExpirySweep.Course()
        var asked: [[String]] = []
        for _ in 1...8 {
            try await sweep.sweep(&course)
            asked.append(store.taken())
        }
        #expect(asked == [["up-1"], ["up-2"], ["up-3"], ["up-4"], ["up-5"], ["users/42/0"], ["up-1"], ["up-2"]])
    }

    @Test("keeps one upload that never ends from holding up the others")
    func goesOn() async throws {
        let store = SweptStore { $0 == "up-2" ? .passing : nil }
        let sweep = try await self.sweep(of: store)
        var course = ExpirySweep.Course()
        try await sweep.sweep(&course)
        #expect(store.taken() == ["up-1", "up-2"])
        try await sweep.sweep(&course)
        #expect(store.taken() == ["up-3", "up-4", "up-5", "users/42/0"])
        try await sweep.sweep(&course)
        #expect(store.taken() == ["up-2"])
    }

    @Test("goes on past an upload that the store refuses to end")
    func refused() async throws {
        let store = SweptStore { $0 == "up-2" ? .permanent : nil }
        let sweep = try await self.sweep(of: store)
        var course = ExpirySweep.Course()
        try await sweep.sweep(&course)
        #expect(store.taken() == ["up-1", "up-2", "up-3", "up-4", "up-5", "users/42/0"])
        try await sweep.sweep(&course)
        #expect(store.taken() == ["up-2"])
    }

    @Test("asks no more where no queue takes what it has to tell, and has it declared")
    func unroutable() async throws {
        let declarations = Mutex(0)
        let store = SweptStore { _ in nil }
        let publisher = TakingPublisher(outcome: .returned(code: 312, text: "NO_ROUTE"))
        let sweep = try await self.sweep(of: store, publisher: publisher) { declarations.withLock { $0 += 1 } }
        var course = ExpirySweep.Course()
        try await sweep.sweep(&course)
        #expect(store.taken() == ["up-1"])
        #expect(declarations.withLock(\.self) == 1)
    }

    @Test("ends several at a time, and no more than that", .timeLimit(.minutes(1)))
    func width() async throws {
        let store = SweptStore { _ in nil }
        store.holdsAborts(until: 8)
        let sweep = try await self.sweep(of: store, sessionCount: 120, width: 8)
        var course = ExpirySweep.Course()
        try await sweep.sweep(&course)
        #expect(Set(store.taken()) == Set((1...120).map { "up-\($0)" } + ["users/42/0"]))
        #expect(store.mostAtOnce == 8)
        try await sweep.sweep(&course)
        #expect(store.taken().isEmpty)
    }

    @Test("asks a failing store for what had begun alone, and goes on behind that, several at a time")
    func breaksOffWide() async throws {
        let store = SweptStore { _ in .passing }
        let sweep = try await self.sweep(of: store, sessionCount: 20, width: 8)
        var course = ExpirySweep.Course()
        var asked: [Set<String>] = []
        for _ in 1...4 {
            try await sweep.sweep(&course)
            asked.append(Set(store.taken()))
        }
        let uploads = { (numbers: ClosedRange<Int>) in Set(numbers.map { "up-\($0)" }) }
        #expect(asked == [uploads(1...8), uploads(9...16), uploads(17...20), ["users/42/0"]])
    }

    @Test("passes over, several at a time, what does not end", arguments: 1...8)
    func refusedWide(width: Int) async throws {
        let staying: Set = ["up-3", "up-99", "up-100", "up-101", "up-250"]
        let store = SweptStore { staying.contains($0) ? .permanent : nil }
        let sweep = try await self.sweep(of: store, sessionCount: 250, width: width)
        var course = ExpirySweep.Course()
        try await sweep.sweep(&course)
        let asked = store.taken()
        #expect(asked.count == 251)
        #expect(Set(asked).count == 251)
        try await sweep.sweep(&course)
        #expect(Set(store.taken()) == staying)
    }

    @Test("forgets what ended long ago before it ends the rest")
    func forgetsFirst() async throws {
        let calls = SessionCalls()
        let sweep = try await self.sweep(of: SweptStore { _ in nil }, calls: calls)
        var course = ExpirySweep.Course()
        try await sweep.round(&course)
        #expect(calls.all.first == .forgetEnded)
        #expect(calls.all.contains(.overdue))
    }
}

/// Notes every call.
private final class SessionCalls: SessionInterceptor {
    private let noted = Mutex<[SessionCall]>([])

    var all: [SessionCall] { self.noted.withLock(\.self) }

    func around<Value>(_ call: SessionCall, _ body: () async throws -> Value) async throws -> Value {
        self.noted.withLock { $0.append(call) }
        return try await body()
    }
}

/// A store without parts or objects that fails as it is told, and remembers what it was asked to end or list.
private final class SweptStore: MultipartStore {
    private let failure: @Sendable (_ name: String) -> S3Error.Kind?
    private let asked = Mutex<[String]>([])
    private let aborts = Mutex<(atOnce: Int, most: Int, heldUntil: Int)>((0, 0, 0))

    init(_ failure: @escaping @Sendable (_ name: String) -> S3Error.Kind?) {
        self.failure = failure
    }

    /// What was asked since the last time.
    func taken() -> [String] {
        self.asked.withLock { asked in
            defer { asked = [] }
            return asked
        }
    }

    var mostAtOnce: Int { self.aborts.withLock(\.most) }

    /// Aborts wait until so many have come together, once.
    func holdsAborts(until count: Int) {
        self.aborts.withLock { $0.heldUntil = count }
    }

    private func ask(_ operation: S3Operation, _ name: String) throws(S3Error) {
        self.asked.withLock { $0.append(name) }
        if let kind = self.failure(name) { throw S3Error(operation: operation, kind: kind, code: "Told") }
    }

    func abortMultipartUpload(key: String, uploadID: String) async throws(S3Error) {
        self.aborts.withLock { aborts in
            aborts.atOnce += 1
            aborts.most = max(aborts.most, aborts.atOnce)
        }
        defer { self.aborts.withLock { $0.atOnce -= 1 } }
        while self.aborts.withLock({ $0.most < $0.heldUntil }) { await Task.yield() }
        try self.ask(.abortMultipartUpload, uploadID)
    }

    func listMultipartUploads(key: String) async throws(S3Error) -> [ListedUpload] {
        try self.ask(.listMultipartUploads, key)
        return []
    }

    func listParts(key: String, uploadID: String) async throws(S3Error) -> [S3.UploadedPart] {
        throw S3Error(operation: .listParts, kind: .noSuchUpload, code: "NoSuchUpload")
    }

    func headObject(key: String) async throws(S3Error) -> ObjectHead? { nil }
    func headBucket() async throws(S3Error) {}
    func url(ofKey key: String) -> String { key }

    func createMultipartUpload(
        key: String,
        contentType: String,
        metadata: [String: String]
    ) async throws(S3Error) -> CreatedMultipartUpload {
        throw S3Error(operation: .createMultipartUpload, kind: .permanent, code: "Unexpected")
    }

    func completeMultipartUpload(
        key: String,
        uploadID: String,
        parts: [(number: Int, etag: String)]
    ) async throws(S3Error) -> CompletedMultipartUpload {
        throw S3Error(operation: .completeMultipartUpload, kind: .permanent, code: "Unexpected")
    }

    func presignedParts(
        key: String,
        uploadID: String,
        partCount: Int,
        asked: Duration,
        now: Date
    ) async throws(S3Error) -> PresignedParts {
        PresignedParts(urls: [], expiresAt: now)
    }
}

private struct TakingPublisher: MessagePublisher {
    var outcome = PublishOutcome.confirmed

    func publish(_ publication: Publication) async throws(PublishError) -> PublishOutcome { self.outcome }
}
