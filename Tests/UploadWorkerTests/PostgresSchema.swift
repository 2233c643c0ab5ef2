#if PostgreSQL
    import Foundation
    import Postgres

    @testable import UploadWorker

    enum TestedPostgres {
        static let url = ProcessInfo.processInfo.environment["TEST_POSTGRES_URL"]
    }

    /// A schema of its own in the tests' database, and perhaps a user of its name.
    final class PostgresSchema: StorePlace {
        let name = "test_" + UUID().uuidString.replacing("-", with: "").lowercased()
        let url: PostgresURL
        private let database: PostgresURL

        init() throws {
            self.database = try PostgresURL(parsing: TestedPostgres.url ?? "")
            self.url = try Self.url(of: self.name)
            try Connection.open(self.database).run("CREATE SCHEMA \(self.name)")
        }

        deinit {
            let sql = "DROP SCHEMA \(self.name) CASCADE; DROP ROLE IF EXISTS \(self.name)"
            // What is left makes no other test fail.
            try? Connection.open(self.database).run(sql)
        }

        func open() throws -> any SessionStore { try self.openPostgres() }

        func pages() throws -> any SessionPages { try DatabaseLocation.postgres(self.url).pages() }

        func openPostgres() throws -> PostgresSessionStore {
            try PostgresSessionStore.check(self.url)
            return PostgresSessionStore(self.url)
        }

        /// The first column of the first row, asked for by a connection that no test cuts.
        func value(of sql: String) throws -> String? {
            let connection = try Connection.open(self.database)
            try connection.run("SET search_path TO \(self.name)")
            return try connection.execute(Statement("", sql)).values.first.flatMap { $0.first.flatMap(\.self) }
        }

        /// A user who may use the schema, and create nothing in it.
        func makeUser() throws -> PostgresURL {
            try Connection.open(self.database).run(
                "CREATE ROLE \(self.name) LOGIN PASSWORD 'a-secret'; GRANT USAGE ON SCHEMA \(self.name) TO \(self.name)"
            )
            return try self.url(user: self.name, password: "a-secret")
        }

        func url(user: String, password: String) throws -> PostgresURL {
            try Self.url(of: self.name, user: user, password: password)
        }

        private static func url(of schema: String, user: String? = nil, password: String? = nil) throws -> PostgresURL {
            guard var url = URLComponents(string: TestedPostgres.url ?? "") else {
                throw CocoaError(.featureUnsupported)
            }
            if let user { url.user = user }
            if let password { url.password = password }
            let added = "options=-csearch_path%3D\(schema)&application_name=\(schema)"
            url.percentEncodedQuery = url.percentEncodedQuery.map { "\($0)&\(added)" } ?? added
            return try PostgresURL(parsing: url.string ?? "")
        }
    }
#endif
