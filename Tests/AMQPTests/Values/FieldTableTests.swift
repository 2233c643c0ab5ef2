import Testing

@testable import AMQP

@Suite("A field table")
struct FieldTableTests {
    @Test("reads the first of two fields with one name and leaves one when written")
    func duplicateNames() {
        var table = FieldTable([("a", 1), ("b", "x"), ("a", 2)])
        #expect(table["a"] == .int64(1))
        table["a"] = true
        #expect(table == ["a": true, "b": "x"])
        table["a"] = nil
        #expect(table == ["b": "x"])
    }
}
