import Testing

@testable import Uploads

@Suite("JSON numbers")
struct JSONNumberTests {
    static func integer(_ text: String) throws -> Int64? {
        try JSONParserTests.parse(text).integer
    }

    @Test(
        "are integers however they are written",
        arguments: [
            ("0", 0), ("-0", 0), ("0.0", 0), ("-0.0e5", 0), ("0e999999999999999999999", 0), ("0e-5", 0), ("3", 3),
            ("3.0", 3), ("3.000", 3), ("3e0", 3), ("3E+0", 3), ("3e-0", 3), ("30e-1", 3), ("0.3e1", 3), ("0.03e2", 3),
            ("300e-2", 3), ("3.0e0", 3), ("1e2", 100), ("1.5e1", 15), ("-7", -7), ("-70e-1", -7), ("100", 100),
            ("1010.0", 1010), ("1e18", 1_000_000_000_000_000_000), ("9223372036854775807", Int64.max),
            ("9223372036854775807.0", Int64.max), ("9.223372036854775807e18", Int64.max),
            ("92233720368547758070e-1", Int64.max), ("-9223372036854775808", Int64.min),
            ("9007199254740993", 9_007_199_254_740_993),
        ]
    )
    func integers(text: String, integer: Int64) throws {
        #expect(try Self.integer(text) == integer)
    }

    @Test(
        "are no integers with a fraction or beyond 64 bits",
        arguments: [
            "3.5", "0.1", "1e-1", "3.0000000000000000000000001", "2.99999999999999999999999", "9223372036854775808",
            "9223372036854775807.5", "9223372036854775808.0", "-9223372036854775809", "18446744073709551616",
            "18446744073709551619", "99999999999999999999", "1e19", "1e400", "-1e400", "1e999999999999999999999",
            "1e-999999999999999999999", "1e-400",
        ]
    )
    func others(text: String) throws {
        #expect(try Self.integer(text) == nil)
    }

    @Test("may be 60 KB long")
    func long() throws {
        let digits = 60_000
        let zeros = String(repeating: "0", count: digits)
        #expect(try Self.integer("1" + zeros) == nil)
        #expect(try Self.integer("0." + zeros + "1") == nil)
        #expect(try Self.integer("7." + zeros) == 7)
        #expect(try Self.integer("7" + zeros + "e-\(digits)") == 7)
        #expect(try Self.integer("0." + zeros + "7e\(digits + 1)") == 7)
        #expect(try Self.integer(String(repeating: "9", count: digits)) == nil)
        #expect(try Self.integer("1e" + zeros + "2") == 100)
    }
}
