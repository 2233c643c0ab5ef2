import Foundation
import Logging
import Testing

@testable import S3

@Suite struct RefreshingCredentialsTests {
    private let clock = MovingClock()
    private let source = ScriptedSource()

    private func credentials(minimumLife: Duration = .zero, until seconds: Double = 1e9) -> RefreshingCredentials {
        let refreshing = self.clock.refreshing(until: self.clock.now + seconds)
        return RefreshingCredentials(minimumLife: minimumLife, clock: refreshing) { () throws(CredentialsError) in
            try await self.source.find(at: self.clock.now)
        }
    }

    private func running(
        _ credentials: RefreshingCredentials,
        _ body: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await credentials.run(logger: Logger(label: "s3") { _ in SwiftLogNoOpLogHandler() }) }
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test("They are renewed ahead of their end, again and again")
    func renewed() async throws {
        for _ in 1...20 { self.source.add(.life(3600)) }
        let credentials = self.credentials()
        try await credentials.load()
        try await self.running(credentials) { await self.source.waitForFetch(21) }
        // Six minutes before the end of each.
        #expect(self.source.pauses == Array(repeating: 3240, count: 20))
    }

    @Test("The old ones are used where renewal fails")
    func failing() async throws {
        self.source.add(.life(3600))
        for _ in 1...500 { self.source.add(.failure("down")) }
        let credentials = self.credentials(until: 3480)
        try await credentials.load()
        try await self.running(credentials) {
            await self.clock.sleeping.wait(for: 1)
            let latest = try credentials.credentials()
            #expect(latest.accessKeyID == "key-1")
        }
        #expect(self.source.pauses.starts(with: [3240, 1, 2, 4, 8, 16, 32, 60, 60, 60]))
    }

    @Test("After their end an error says so, and why they are not renewed")
    func overdue() async throws {
        self.source.add(.life(3600))
        for _ in 1...500 { self.source.add(.failure("the endpoint is down")) }
        let credentials = self.credentials(until: 3600)
        try await credentials.load()
        try await self.running(credentials) {
            await self.clock.sleeping.wait(for: 1)
            let error = #expect(throws: CredentialsError.self) { try credentials.credentials() }
            for text in ["source 1 have ended", "the endpoint is down"] {
                #expect(error?.message.contains(text) == true)
            }
            #expect(error?.canPass == true)
        }
    }

    @Test(
        "After failures the new ones are taken up, even where the failure would have ended the start",
        arguments: [.failure("down"), .fault("no token file")] as [ScriptedSource.Step]
    )
    func recovered(failure: ScriptedSource.Step) async throws {
        self.source.add(.life(3600))
        for _ in 1...5 { self.source.add(failure) }
        self.source.add(.life(3600))
        let credentials = self.credentials(until: 3500)
        try await credentials.load()
        try await self.running(credentials) {
            await self.clock.sleeping.wait(for: 1)
            let latest = try credentials.credentials()
            #expect(latest.accessKeyID == "key-7")
        }
    }

    @Test("Credentials that have ended already count as a failure")
    func ended() async throws {
        self.source.add(.life(3600))
        self.source.add(.life(-1))
        self.source.add(.life(0))
        self.source.add(.life(60))
        let credentials = self.credentials()
        try await credentials.load()
        try await self.running(credentials) {
            await self.source.waitForFetch(5)
            #expect(credentials.sourceName == "source 4")
        }
    }

    @Test("Who needs a longer life waits for one fetch, which all of them share, and readers wait for none")
    func asking() async throws {
        self.source.add(.life(600))
        let credentials = self.credentials(until: 0)
        try await credentials.load()
        let wanted = self.clock.now + 900
        try await self.running(credentials) {
            await self.clock.sleeping.wait(for: 1)
            await withTaskGroup(of: Void.self) { group in
                for _ in 1...10 { group.addTask { await credentials.renew(until: wanted) } }
                await self.source.waitForFetch(2)
                #expect(throws: Never.self) { try credentials.credentials() }
                self.source.letGo(.life(3600))
                await group.waitForAll()
            }
        }
        #expect(self.source.times.count == 2)
        #expect(try credentials.credentials().accessKeyID == "key-2")
    }

    @Test("Who waits does so no longer than `run()`, and than its own task")
    func abandoned() async throws {
        self.source.add(.life(600))
        let credentials = self.credentials(until: 0)
        try await credentials.load()
        let wanted = self.clock.now + 900
        // Nobody renews them yet.
        await credentials.renew(until: wanted)
        await withTaskGroup(of: Void.self) { group in
            try? await self.running(credentials) {
                await self.clock.sleeping.wait(for: 1)
                group.addTask { await credentials.renew(until: wanted) }
                await withTaskGroup(of: Void.self) { cancelled in
                    cancelled.addTask { await credentials.renew(until: wanted) }
                    await self.source.waitForFetch(2)
                    cancelled.cancelAll()
                }
            }
        }
        #expect(self.source.times.count == 2)
        #expect(try credentials.credentials().accessKeyID == "key-1")
    }

    @Test(
        "At the start an endpoint that is not up yet is asked a few times, a fault of the settings once",
        arguments: [
            ([.failure("down"), .failure("down"), .life(60)], 3, true), ([.fault("no profile")], 1, false),
            ([.failure("a"), .failure("b"), .failure("c"), .failure("d"), .life(60)], 4, false),
            ([.nothing("x"), .nothing("x"), .life(60)], 2, false),
        ] as [([ScriptedSource.Step], Int, Bool)]
    )
    func start(steps: [ScriptedSource.Step], fetches: Int, works: Bool) async throws {
        for step in steps { self.source.add(step) }
        let credentials = self.credentials()
        do {
            try await credentials.load()
            #expect(works)
        } catch {
            #expect(!works)
            let later = #expect(throws: CredentialsError.self) { try credentials.credentials() }
            #expect(later?.canPass == true && later?.message == error.message)
        }
        #expect(self.source.times.count == fetches)
        #expect(self.clock.now.timeIntervalSince1970 - 1_700_000_000 <= 3.5)
    }

    @Test("What the signing key is derived from follows the credentials")
    func signingKey() async throws {
        self.source.add(.life(600))
        self.source.add(.life(7200))
        let credentials = self.credentials()
        let client = S3Client(
            configuration: S3Configuration(bucket: "uploads", region: "us-east-1"),
            credentials: credentials,
            logger: Logger(label: "s3") { _ in SwiftLogNoOpLogHandler() }
        )
        for number in 1...2 {
            try await credentials.load()
            let key = try await client.signingKey(for: .uploadPart, at: SigningDate(self.clock.now))
            #expect(key.credentials.accessKeyID == "key-\(number)")
        }
    }

    @Test(
        "URLs that would live too short have the credentials renewed first; where that gains nothing they are served short",
        arguments: [
            (960.0, 7200.0, 86400, 1, 900), (959, 7200, 86400, 2, 7140), (959, 700, 86400, 2, 640),
            (959, nil, 86400, 2, 899),
            (400, 7200, 300, 1, 300), (300, 7200, 300, 2, 300),
        ] as [(Double, Double?, Int, Int, Int)]
    )
    func minimumURLLife(life: Double, next: Double?, asked: Int, fetches: Int, lives: Int) async throws {
        self.source.add(.life(life))
        self.source.add(next.map { .life($0) } ?? .failure("down"))
        let credentials = self.credentials(until: 0)
        try await credentials.load()
        let client = S3Client(
            configuration: S3Configuration(bucket: "uploads", region: "us-east-1", minimumURLLife: .seconds(900)),
            credentials: credentials,
            logger: Logger(label: "s3") { _ in SwiftLogNoOpLogHandler() }
        )
        try await self.running(credentials) {
            await self.clock.sleeping.wait(for: 1)
            let parts = try await client.presignedParts(
                key: "k",
                uploadID: "u",
                partCount: 1,
                asked: .seconds(asked),
                now: self.clock.now
            )
            #expect(parts.expiresAt.timeIntervalSince(self.clock.now) == Double(lives))
        }
        #expect(self.source.times.count == fetches)
    }
}
