#if PostgreSQL
    import Testing

    @testable import Postgres

    @Suite("An SQLSTATE")
    struct SQLStateTests {
        @Test(
            "tells whether waiting helps",
            arguments: [
                ("08006", true), ("57P01", true), ("57P03", true), ("57014", true), ("53300", true), ("53100", true),
                ("40001", true), ("40P01", true), ("55P03", true), ("25006", true), ("58030", true), ("XX000", true),
                ("42P01", false), ("42501", false), ("22021", false), ("23514", false), ("XX001", false),
                ("XX002", false),
                ("28P01", false), ("3D000", false), ("", false),
            ]
        )
        func canPass(code: String, canPass: Bool) {
            #expect(PostgresError(.refused, "", state: SQLState(code)).canPass == canPass)
        }

        @Test(
            "does not tell whether a connection that is not to be had comes back",
            arguments: ["28P01", "3D000", "53300"]
        )
        func unreachable(code: String) {
            #expect(PostgresError(.unreachable, "", state: SQLState(code)).canPass)
        }

        @Test(
            "tells whether the operator has to change something",
            arguments: [
                ("28P01", true), ("28000", true), ("3D000", true), ("42501", true), ("3F000", true),
                ("53300", false), ("57P03", false), ("08006", false),
            ]
        )
        func isMisconfiguration(code: String, isMisconfiguration: Bool) {
            #expect(PostgresError(.unreachable, "", state: SQLState(code)).isMisconfiguration == isMisconfiguration)
        }

        @Test(
            "tells whether to go to another connection",
            arguments: [
                ("25006", true, true), ("26000", true, true), ("57P01", true, true), ("40001", true, false),
                ("57014", false, false), ("55P03", false, false), ("23505", false, false), ("42P01", false, false),
            ]
        )
        func repetition(code: String, isWorthRepeating: Bool, spoilsConnection: Bool) {
            let error = PostgresError(.refused, "", state: SQLState(code))
            #expect(error.isWorthRepeating == isWorthRepeating)
            #expect(error.spoilsConnection == spoilsConnection)
        }
    }
#endif
