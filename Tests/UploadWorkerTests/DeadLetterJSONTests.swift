import AMQP
import Foundation
import Testing
import Uploads

@testable import UploadWorker

@Suite("A dead letter as JSON")
struct DeadLetterJSONTests {
    private static func shown(_ headers: FieldTable, body: [UInt8] = []) -> String {
        var properties = MessageProperties()
        properties.headers = headers
        var writer = JSONWriter(capacity: 64)
        writer.object { $0.message(Delivery(queue: "uploads.dead", properties: properties, body: body)) }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test(
        "has numbers for floating-point values that are finite, words for others",
        arguments: [
            (FieldValue.double(0.1), "0.1"), (.float(0.1), "0.1"), (.double(-2), "-2.0"), (.double(1e300), "1e+300"),
            (.double(.leastNonzeroMagnitude), "5e-324"), (.double(.infinity), "\"inf\""),
            (.float(-.infinity), "\"-inf\""),
            (.double(.nan), "\"nan\""), (.int64(.min), "-9223372036854775808"), (.uint64(.max), "18446744073709551615"),
        ]
    )
    func numbers(value: FieldValue, text: String) throws {
        let json = Self.shown(["h": value])
        #expect(json.contains("\"headers\":{\"h\":\(text)}"))
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(json.utf8)) }
    }

    @Test("has each header once, the first of a name")
    func twice() {
        #expect(Self.shown(FieldTable([("a", .int8(1)), ("a", .int8(2))])).contains("\"headers\":{\"a\":1}"))
    }

    @Test("says how the body is written")
    func body() {
        #expect(Self.shown([:], body: Array("é".utf8)).hasSuffix(#""body":"é","body_encoding":"utf-8"}"#))
        #expect(Self.shown([:], body: [0xFF]).hasSuffix(#""body":"/w==","body_encoding":"base64"}"#))
    }
}
