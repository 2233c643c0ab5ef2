import Testing
import Uploads

@testable import UploadWorker

@Suite("Export request")
struct ExportRequestTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"

    @Test("is OTLP in JSON")
    func json() throws {
        let context = try #require(
            TraceContext(traceparent: "00-\(Self.trace)-b7ad6b7169203331-01", tracestate: "a=\"1")
        )
        let span = FinishedSpan(
            trace: context,
            id: "00000000000000ab",
            parentID: "b7ad6b7169203331",
            name: "process",
            kind: .consumer,
            startedAt: 1_700_000_000_000_000_000,
            took: .milliseconds(1500),
            attributes: [
                SpanAttribute(name: "messaging.message.id", value: .text("\"\n☃")),
                SpanAttribute(name: "upload.attempt", value: .integer(2)),
                SpanAttribute(name: "flag", value: .flag(true)),
            ],
            errorType: "retry"
        )
        let request = ExportRequest(
            resource: [SpanAttribute(name: "service.name", value: .text("uploads"))],
            spans: [span]
        )
        let expected = #"""
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"uploads"}}]},\#
            "scopeSpans":[{"scope":{"name":"upload-worker"},"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c",\#
            "spanId":"00000000000000ab","parentSpanId":"b7ad6b7169203331","traceState":"a=\"1","flags":1,\#
            "name":"process","kind":5,"startTimeUnixNano":"1700000000000000000",\#
            "endTimeUnixNano":"1700000001500000000","attributes":[{"key":"messaging.message.id",\#
            "value":{"stringValue":"\"\n☃"}},{"key":"upload.attempt","value":{"intValue":"2"}},\#
            {"key":"flag","value":{"boolValue":true}},{"key":"error.type","value":{"stringValue":"retry"}}],\#
            "status":{"code":2}}]}]}]}
            """#
        #expect(String(decoding: request.json(), as: UTF8.self) == expected)
    }
}
