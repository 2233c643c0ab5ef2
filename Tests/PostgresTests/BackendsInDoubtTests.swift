#if PostgreSQL
    import Foundation
    import Testing

    @testable import Postgres

    private let givenURL = ProcessInfo.processInfo.environment["TEST_POSTGRES_URL"]

    @Suite("A backend in doubt", .enabled(if: givenURL != nil))
    struct BackendsInDoubtTests {
        private static let nothing = Statement("", "SELECT 1")

        private static func open() throws -> Connection {
            let connection = try Connection.open(try PostgresURL(parsing: try #require(givenURL)))
            try connection.makeDurable()
            return connection
        }

        @Test("is ended before anything else is done, and what it committed is made safe once")
        func isEnded() throws {
            let (lost, other) = (try Self.open(), try Self.open())
            let backends = BackendsInDoubt()
            backends.note(try #require(lost.backend))
            var settled = 0
            for _ in 1...2 { try backends.end(by: other) { _ in settled += 1 } }
            #expect(settled == 1)
            let error = #expect(throws: PostgresError.self) { try lost.execute(Self.nothing) }
            #expect(error?.kind == .lost)
            #expect(lost.backendInDoubt == lost.backend)
        }

        @Test("is not mistaken for another with its process id")
        func isNotMistaken() throws {
            let (innocent, other) = (try Self.open(), try Self.open())
            let processID = try #require(innocent.backend).processID
            let backends = BackendsInDoubt()
            backends.note(Backend(processID: processID, startedAt: "2020-01-01 00:00:00+00"))
            try backends.end(by: other) { _ in }
            #expect(try innocent.execute(Self.nothing).values == [["1"]])
        }

        @Test("stays in doubt where what it committed could not be made safe")
        func staysInDoubt() throws {
            let (lost, other) = (try Self.open(), try Self.open())
            let backends = BackendsInDoubt()
            backends.note(try #require(lost.backend))
            let failure = PostgresError(.lost, "for a test")
            #expect(throws: failure) {
                try backends.end(by: other) { _ throws(PostgresError) in throw failure }
            }
            var settled = 0
            try backends.end(by: other) { _ in settled += 1 }
            #expect(settled == 1)
        }

        @Test("is none of a connection whose statement was answered, with an error included")
        func isNone() throws {
            let connection = try Self.open()
            _ = try connection.execute(Self.nothing)
            #expect(connection.backendInDoubt == nil)
            let error = #expect(throws: PostgresError.self) { try connection.execute(Statement("", "SELECT 1 / 0")) }
            #expect(error?.kind == .refused)
            #expect(error?.state == SQLState("22012"))
            #expect(connection.backendInDoubt == nil)
        }
    }
#endif
