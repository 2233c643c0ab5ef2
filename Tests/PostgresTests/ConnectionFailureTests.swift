#if PostgreSQL
    import Testing

    @testable import Postgres

    @Suite("A failure to connect")
    struct ConnectionFailureTests {
        @Test("has the server's code and words, in any language")
        func withState() {
            let failure = ConnectionFailure(
                reading: """
                    connection to server at "db", port 5432 failed: FATAL:  28P01: password authentication failed for user "u"
                    LOCATION:  auth_failed, auth.c:335

                    """
            )
            #expect(failure.state == SQLState("28P01"))
            #expect(
                failure.message
                    == #"connection to server at "db", port 5432 failed: FATAL: password authentication failed for user "u""#
            )
            #expect(ConnectionFailure(reading: "x: SCHWERWIEGEND:  3D000: Datenbank fehlt").state == SQLState("3D000"))
        }

        @Test("says the same once, of attempts with and without TLS")
        func twice() {
            let line = "connection failed: FATAL:  57P03: the database system is starting up\nLOCATION:  here\n"
            #expect(
                ConnectionFailure(reading: line + line).message
                    == "connection failed: FATAL: the database system is starting up"
            )
        }

        @Test("has no code where nobody answered")
        func withoutState() {
            let text = "connection to server at \"db\", port 1 failed: Connection refused\n\tIs the server running?\n"
            let failure = ConnectionFailure(reading: text)
            #expect(failure.state == nil)
            #expect(
                failure.message
                    == "connection to server at \"db\", port 1 failed: Connection refused; Is the server running?"
            )
        }
    }
#endif
