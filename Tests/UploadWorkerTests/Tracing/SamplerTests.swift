import Testing
import Uploads

@testable import UploadWorker

@Suite("Sampler")
struct SamplerTests {
    private static func caller(_ flags: String, low: String = "8448eb211c80319c") -> TraceContext? {
        TraceContext(traceparent: "00-0af7651916cd43dd\(low)-b7ad6b7169203331-\(flags)", tracestate: "a=1")
    }

    private static func sampler(_ settings: [String: String]) throws -> Sampler {
        try Sampler(try SettingsSource(environment: settings))
    }

    @Test(
        "follows its caller, or its own rule",
        arguments: [
            ("parentbased_always_on", "", true, false, true),
            ("parentbased_always_off", "", true, false, false),
            ("parentbased_traceidratio", "0", true, false, false),
            ("parentbased_traceidratio", "1", true, false, true),
            ("always_on", "", true, true, true),
            ("always_off", "", false, false, false),
            ("traceidratio", "0", false, false, false),
            ("traceidratio", "1", true, true, true),
            ("traceidratio", "", true, true, true),
        ]
    )
    func rules(name: String, share: String, sampled: Bool, unsampled: Bool, new: Bool) throws {
        let sampler = try Self.sampler(["OTEL_TRACES_SAMPLER": name, "OTEL_TRACES_SAMPLER_ARG": share])
        #expect(sampler.trace(Self.caller("01"), newID: (1, 2)).isSampled == sampled)
        #expect(sampler.trace(Self.caller("00"), newID: (1, 2)).isSampled == unsampled)
        #expect(sampler.trace(nil, newID: (1, .max)).isSampled == new)
    }

    @Test("is parentbased_always_on unless told otherwise")
    func standard() throws {
        #expect(try Self.sampler([:]) == Sampler(rule: .always, followsCaller: true))
    }

    @Test("takes the share of traces whose ids are below it: one below, at it")
    func share() throws {
        let sampler = try Self.sampler(["OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.5"])
        #expect(sampler.trace(Self.caller("00", low: "7ffffffffffff000"), newID: (0, 1)).isSampled)
        #expect(!sampler.trace(Self.caller("01", low: "8000000000000000"), newID: (0, 1)).isSampled)
    }

    @Test("begins a trace with a random id, and changes of a caller's the one flag alone")
    func context() throws {
        let new = try Self.sampler([:]).trace(nil, newID: (0xAB, 0xCD))
        #expect(new.traceID == "00000000000000ab00000000000000cd")
        #expect(new.parentID == nil)
        #expect(new.flags == 3)
        let caller = try #require(Self.caller("03"))
        let off = try Self.sampler(["OTEL_TRACES_SAMPLER": "always_off"]).trace(caller, newID: (1, 1))
        #expect((off.traceID, off.parentID, off.tracestate) == (caller.traceID, caller.parentID, "a=1"))
        #expect(off.flags == 2)
    }
}
