import Uploads

/// Which traces are recorded: `OTEL_TRACES_SAMPLER`.
struct Sampler: Sendable, Equatable {
    enum Rule: Sendable, Equatable {
        case always, never
        /// This share of traces, from 0 to 1, by their ids, so that every service with the same share takes the same.
        case share(Double)
    }

    /// For traces that begin here and, where `followsCaller` is false, for all.
    let rule: Rule
    /// Whether a request's trace is recorded just where its caller records it.
    let followsCaller: Bool

    /// The trace that a request is part of, from the caller's; its flags say whether it is recorded.
    ///
    /// - Parameter newID: of a trace that begins here; random, not both 0.
    func trace(_ caller: TraceContext?, newID: @autoclosure () -> (UInt64, UInt64)) -> TraceContext {
        guard let caller else {
            let new = TraceContext(traceID: newID(), isSampled: true)
            return new.sampled(self.takes(new))
        }
        return self.followsCaller ? caller : caller.sampled(self.takes(caller))
    }

    private func takes(_ trace: TraceContext) -> Bool {
        switch self.rule {
        case .always: return true
        case .never: return false
        case .share(let share):
            // As OpenTelemetry's own TraceIdRatioBased: the lower half of the id, less its last bit.
            guard let half = UInt64(trace.traceID.suffix(16), radix: 16) else { return false }
            return share == 1 || Double(half >> 1) < share * 0x1p63
        }
    }
}
