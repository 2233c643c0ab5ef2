import Testing

@testable import Uploads

@Suite("Trace context")
struct TraceContextTests {
    static let trace = "0af7651916cd43dd8448eb211c80319c"
    static let span = "b7ad6b7169203331"

    @Test(
        "is passed on with a span of the worker's own",
        arguments: [
            ("00-\(trace)-\(span)-01", "01"), ("00-\(trace)-\(span)-00", "00"), ("00-\(trace)-\(span)-ff", "03"),
            ("00-\(trace)-\(span)-03", "03"), ("cc-\(trace)-\(span)-01", "01"), ("cc-\(trace)-\(span)-01-more", "01"),
            ("01-\(trace)-\(span)-01-", "01"),
        ]
    )
    func child(traceparent: String, flags: String) throws {
        let context = try #require(TraceContext(traceparent: traceparent, tracestate: "a=1,b=2"))
        #expect(context.traceID == Self.trace)
        #expect(context.parentID == Self.span)
        #expect(
            context.headers(spanID: 0xAB) == [
                "traceparent": "00-\(Self.trace)-00000000000000ab-\(flags)", "tracestate": "a=1,b=2",
            ]
        )
        #expect(context.headers(spanID: .max)["traceparent"]?.contains("-ffffffffffffffff-") == true)
    }

    @Test("has a state only where there is one", arguments: [nil, ""])
    func noState(tracestate: String?) throws {
        let context = try #require(
            TraceContext(traceparent: "00-\(Self.trace)-\(Self.span)-01", tracestate: tracestate)
        )
        #expect(context.headers(spanID: 1).keys.sorted() == ["traceparent"])
    }

    @Test(
        "is none where the specification says so",
        arguments: [
            "", "00", "00-\(trace)-\(span)", "00-\(trace)-\(span)-1", "00-\(trace)-\(span)-01-",
            "00-\(trace)-\(span)-011",
            "00-\(trace)-\(span)-01-more", "cc-\(trace)-\(span)-011", "ff-\(trace)-\(span)-01",
            "0-\(trace)-\(span)-001",
            "00-\(String(repeating: "0", count: 32))-\(span)-01", "00-\(trace)-0000000000000000-01",
            "00-\(trace.uppercased())-\(span)-01", "00-\(trace)-\(span.uppercased())-01", "00-\(trace)-\(span)-0G",
            "00-\(trace)-\(span)-0A", "0x-\(trace)-\(span)-01", "00_\(trace)-\(span)-01", "00-\(trace)_\(span)-01",
            "00-\(trace)-\(span)_01", "00-\(trace.dropLast())g-\(span)-01", " 00-\(trace)-\(span)-01",
            "00-é\(trace)-\(span)-01",
        ]
    )
    func invalid(traceparent: String) {
        #expect(TraceContext(traceparent: traceparent, tracestate: "a=1") == nil)
    }
}
