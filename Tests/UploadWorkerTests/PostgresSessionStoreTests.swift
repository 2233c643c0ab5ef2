#if PostgreSQL
    import Foundation
    import Postgres
    import Testing
    import Uploads

    @testable import UploadWorker

    /// What several workers on one database may expect of each other.
    @Suite("PostgreSQL's session store", .enabled(if: TestedPostgres.url != nil))
    struct PostgresSessionStoreTests {
        private static func session(_ uploadID: String = "up", file: String = "a") throws -> Session {
            Session(
                id: SessionID(UUID()),
                file: FileReference(userID: try UserID(parsing: "42"), fileID: try FileID(parsing: file)),
                uploadID: try UploadID(parsing: uploadID),
                key: ObjectKey("users/42/\(file)"),
                partCount: 3,
                contentType: ContentType(stored: "video/mp4"),
                startedAt: Date(timeIntervalSince1970: 1_700_000_000),
                expiresAt: Date(timeIntervalSince1970: 1_700_086_400)
            )
        }

        @Test("takes a session once, however often it is inserted")
        func insertAgain() async throws {
            let schema = try PostgresSchema()
            let store = try schema.openPostgres()
            let session = try Self.session()
            for _ in 1...3 { #expect(try await store.insert(session) == nil) }
        }

        @Test("lets one of many workers that open a file at once win, and tells the others who it was")
        func oneWinner() async throws {
            let schema = try PostgresSchema()
            let stores = [try schema.openPostgres(), try schema.openPostgres()]
            for round in 1...20 {
                let winners = try await withThrowingTaskGroup(of: Session.self) { group in
                    for number in 1...8 {
                        group.addTask {
                            let session = try Self.session("up-\(number)", file: "file-\(round)")
                            return try await stores[number % 2].insert(session) ?? session
                        }
                    }
                    return try await group.reduce(into: Set<SessionID>()) { $0.insert($1.id) }
                }
                #expect(winners.count == 1)
            }
        }

        @Test("finds a winner, or wins itself, while others open and end sessions of the file")
        func passingWinners() async throws {
            let schema = try PostgresSchema()
            let store = try schema.openPostgres()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...8 {
                    group.addTask {
                        for round in 1...20 {
                            let session = try Self.session("up-\(number)-\(round)")
                            let open = try await store.insert(session) ?? session
                            #expect(try await !store.end(open.aborted(at: open.startedAt)).isOpen)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let file = try Self.session().file
            #expect(try await store.sessions(of: file, named: nil).latest?.isOpen == false)
        }

        @Test("keeps the end of a session that another worker's sweep has begun to end")
        func sweptElsewhere() async throws {
            let schema = try PostgresSchema()
            let (one, other) = (try schema.openPostgres(), try schema.openPostgres())
            let session = try Self.session()
            _ = try await one.insert(session)
            #expect(try await one.beginExpiry(of: session))
            let later = session.extended(to: session.expiresAt.addingTimeInterval(60))
            #expect(try await other.extend(later) == false)
            #expect(try await other.sessions(of: session.file, named: nil).latest == session)
            let expired = session.expired(at: session.expiresAt)
            #expect(try await one.end(expired) == expired)
        }

        @Test("lets one worker sweep at a time, of those on the same tables")
        func sweepsAlone() async throws {
            let schema = try PostgresSchema()
            let (one, other) = (try schema.openPostgres(), try schema.openPostgres())
            let otherSchema = try PostgresSchema()
            let elsewhere = try otherSchema.openPostgres()
            let ran = try await one.sweepingAlone {
                let (both, another) = (try await other.sweepingAlone {}, try await elsewhere.sweepingAlone {})
                #expect(!both)
                #expect(another)
            }
            #expect(ran)
            #expect(try await other.sweepingAlone {})
        }

        @Test("gives up the sweep of a worker that is gone")
        func sweepOfTheDead() async throws {
            let schema = try PostgresSchema()
            let (one, other) = (try schema.openPostgres(), try schema.openPostgres())
            let ran = try await one.sweepingAlone {
                _ = try schema.value(of: Self.termination(of: schema))
                while try await !other.sweepingAlone({}) { await Task.yield() }
            }
            #expect(ran)
            #expect(try await one.sweepingAlone {})
        }

        @Test("loses nothing, and stores nothing twice, while its connections are cut")
        func cutConnections() async throws {
            let schema = try PostgresSchema()
            let store = try schema.openPostgres()
            let ended = try await withThrowingTaskGroup(of: Int?.self) { group in
                group.addTask {
                    var cut = 0
                    while !Task.isCancelled {
                        if try schema.value(of: Self.termination(of: schema)) != nil { cut += 1 }
                        await Task.yield()
                    }
                    return cut
                }
                for worker in 1...16 {
                    group.addTask {
                        for number in 1...10 {
                            let session = try Self.session(file: "file-\(worker)-\(number)")
                            let rival = try await Self.untilItPasses { try await store.insert(session) }
                            #expect(rival == nil)
                            let aborted = session.aborted(at: session.startedAt)
                            let stored = try await Self.untilItPasses { try await store.end(aborted) }
                            #expect(stored == aborted)
                        }
                        return nil
                    }
                }
                for _ in 1...16 { _ = try await group.next() }
                group.cancelAll()
                return try await group.next() ?? nil
            }
            #expect(try #require(ended) > 0, "no connection was cut")
            let sql = "SELECT count(*) || ' ' || count(DISTINCT file_id) FROM upload_session WHERE state = 'aborted'"
            #expect(try schema.value(of: sql) == "160 160")
        }

        /// Ends every connection to the schema's tables but the one that asks.
        private static func termination(of schema: PostgresSchema) -> String {
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE pid <> pg_backend_pid() AND application_name = '\(schema.name)'
            """
        }

        private static func untilItPasses<Value>(_ body: () async throws -> Value) async throws -> Value {
            while true {
                do {
                    return try await body()
                } catch let error as SessionStoreError where error.canPass {
                    continue
                }
            }
        }

        @Test("makes its tables once, whoever comes first")
        func migratesOnce() async throws {
            let schema = try PostgresSchema()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...6 { group.addTask { try await schema.openPostgres().proveWritable() } }
                try await group.waitForAll()
            }
            #expect(try schema.value(of: "SELECT count(*) FROM upload_worker") == "1")
        }

        @Test("needs no right to create anything where the tables are there, and says what it lacks where they are not")
        func rights() async throws {
            let schema = try PostgresSchema()
            let user = try schema.makeUser()
            let error = #expect(throws: PostgresError.self) { try PostgresSessionStore.check(user) }
            #expect(error?.state == SQLState("42501"))
            #expect(error?.isMisconfiguration == true)
            _ = try schema.openPostgres()
            _ = try schema.value(
                of: "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \(schema.name) TO \(schema.name)"
            )
            try PostgresSessionStore.check(user)
            let store = PostgresSessionStore(user)
            let session = try Self.session()
            #expect(try await store.insert(session) == nil)
            #expect(try await store.sweepingAlone {})
        }

        @Test("waits for its commits, whatever the user's own settings are")
        func isDurable() throws {
            let schema = try PostgresSchema()
            let user = try schema.makeUser()
            _ = try schema.value(of: "ALTER ROLE \(schema.name) SET synchronous_commit = off")
            _ = try schema.value(of: "ALTER ROLE \(schema.name) SET default_transaction_isolation = 'serializable'")
            let connection = try Connection.open(user)
            func setting(_ name: String) throws -> String? {
                try connection.execute(Statement("", "SHOW \(name)")).values.first?.first ?? nil
            }
            #expect(try setting("synchronous_commit") == "off")
            try connection.makeDurable()
            #expect(try setting("synchronous_commit") == "on")
            #expect(try setting("default_transaction_isolation") == "read committed")
            #expect(try setting("statement_timeout") == "10s")
        }

        @Test("gives a statement up that waits for another's lock, in a way that can pass")
        func lockedTables() async throws {
            let schema = try PostgresSchema()
            let store = try schema.openPostgres()
            let other = try Connection.open(schema.url)
            try other.run("BEGIN; LOCK TABLE upload_worker")
            let error = await #expect(throws: SessionStoreError.self) { try await store.proveWritable() }
            #expect(error?.canPass == true)
            try other.run("COMMIT")
            try await store.proveWritable()
        }

        @Test("says that a server which is not there may come back, and who has the wrong password")
        func notThere() async throws {
            let nobody = PostgresSessionStore(try PostgresURL(parsing: "postgres://u:secret@127.0.0.1:1/db"))
            let error = await #expect(throws: SessionStoreError.self) { try await nobody.proveWritable() }
            #expect(error?.canPass == true)
            let schema = try PostgresSchema()
            _ = try schema.makeUser()
            let wrong = try schema.url(user: schema.name, password: "wrong-one")
            let refusal = #expect(throws: PostgresError.self) { try PostgresSessionStore.check(wrong) }
            #expect(refusal?.state == SQLState("28P01"))
            #expect(refusal?.isMisconfiguration == true)
            #expect(!"\(wrong) \(String(describing: refusal))".contains("wrong-one"))
        }
    }
#endif
