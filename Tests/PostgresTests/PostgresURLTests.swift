#if PostgreSQL
    import Testing

    @testable import Postgres

    @Suite("A PostgreSQL URL")
    struct PostgresURLTests {
        @Test("names its servers in order, each with its port")
        func servers() throws {
            let url = try PostgresURL(parsing: "postgres://u:p%40ss@one:1,two:2/db?sslmode=require")
            #expect(url.servers.map { $0["host"] } == ["one", "two"])
            #expect(url.servers.map { $0["port"] } == ["1", "2"])
            for server in url.servers {
                #expect(server["password"] == "p@ss")
                #expect(server["sslmode"] == "require")
            }
            #expect(try PostgresURL(parsing: "postgresql:///db").servers == [["dbname": "db"]])
            #expect(
                try PostgresURL(parsing: "postgres:///db?host=a,b&port=7").servers.map { $0["port"] } == ["7", "7"]
            )
        }

        @Test("never shows its password", arguments: ["postgres://u:secret@h/db", "postgres://h/db?password=secret"])
        func description(text: String) throws {
            let url = try PostgresURL(parsing: text)
            #expect(!"\(url)".contains("secret"))
            #expect("\(url)".contains("\"db\" at h"))
        }

        @Test(
            "is refused where libpq does not read it",
            arguments: ["postgres://h:x:y/db", "postgres://h/db?colour=blue", "postgres://%zz@h/db"]
        )
        func invalid(text: String) {
            #expect(throws: InvalidPostgresURL.self) { try PostgresURL(parsing: text) }
        }
    }
#endif
