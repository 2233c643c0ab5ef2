/// A W3C trace context: which trace a request is part of.
package struct TraceContext: Hashable, Sendable {
    package static let traceparentHeader = "traceparent"
    package static let tracestateHeader = "tracestate"

    /// 32 digits in lower-case hex, never all zero.
    package let traceID: String
    /// The caller's span: 16 digits in lower-case hex, never all zero; nil where the trace begins here.
    package let parentID: String?
    package let flags: UInt8
    /// Passed on unread, unless it is longer than anyone must pass on or could not stand in a header.
    package let tracestate: String?

    /// nil where `traceparent` breaks its grammar; a trace state without a trace means nothing.
    ///
    /// A version after 00 is read as 00 as far as that goes, as the specification asks.
    package init?(traceparent: String, tracestate: String?) {
        let bytes = Array(traceparent.utf8)
        guard bytes.count >= 55, bytes[2] == Self.dash, bytes[35] == Self.dash, bytes[52] == Self.dash,
            let version = Self.byte(bytes[0..<2]), version != 0xFF,
            bytes.count == 55 || (version > 0 && bytes[55] == Self.dash),
            let traceID = Self.id(bytes[3..<35]), let parentID = Self.id(bytes[36..<52]),
            let flags = Self.byte(bytes[53..<55])
        else { return nil }
        self.traceID = traceID
        self.parentID = parentID
        self.flags = flags & Self.knownFlags
        self.tracestate = tracestate.flatMap { Self.isPassedOn($0) ? $0 : nil }
    }

    /// A trace that begins here. The numbers, high half first, are random and not both 0.
    package init(traceID: (UInt64, UInt64), isSampled: Bool) {
        self.traceID = Self.hex(traceID.0, digits: 16) + Self.hex(traceID.1, digits: 16)
        self.parentID = nil
        self.flags = Self.randomFlag | (isSampled ? Self.sampledFlag : 0)
        self.tracestate = nil
    }

    private init(_ other: TraceContext, flags: UInt8) {
        self.traceID = other.traceID
        self.parentID = other.parentID
        self.flags = flags
        self.tracestate = other.tracestate
    }

    /// Whether the caller, or whoever `sampled(_:)` was told by, records its spans.
    package var isSampled: Bool { self.flags & Self.sampledFlag != 0 }

    /// The same trace, its spans recorded from here on or not.
    package func sampled(_ isSampled: Bool) -> TraceContext {
        TraceContext(self, flags: isSampled ? self.flags | Self.sampledFlag : self.flags & ~Self.sampledFlag)
    }

    /// 16 digits in lower-case hex.
    package static func text(ofSpanID spanID: UInt64) -> String { self.hex(spanID, digits: 16) }

    /// The headers of a message that a span of the same trace sends; `spanID` must not be 0.
    package func headers(spanID: UInt64) -> [String: String] {
        let span = Self.text(ofSpanID: spanID)
        var headers = [Self.traceparentHeader: "00-\(self.traceID)-\(span)-\(Self.hex(UInt64(self.flags), digits: 2))"]
        headers[Self.tracestateHeader] = self.tracestate
        return headers
    }

    private static func isPassedOn(_ tracestate: String) -> Bool {
        (1...512).contains(tracestate.utf8.count) && tracestate.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }

    private static let dash = UInt8(ascii: "-")
    private static let sampledFlag: UInt8 = 0b01
    /// That the trace id is random.
    private static let randomFlag: UInt8 = 0b10
    /// A sender clears the others.
    private static let knownFlags = Self.sampledFlag | Self.randomFlag

    private static func id(_ digits: ArraySlice<UInt8>) -> String? {
        guard digits.allSatisfy({ self.digit($0) != nil }), digits.contains(where: { $0 != UInt8(ascii: "0") }) else {
            return nil
        }
        return String(decoding: digits, as: UTF8.self)
    }

    private static func byte(_ digits: ArraySlice<UInt8>) -> UInt8? {
        digits.reduce(0 as UInt8?) { byte, next in
            guard let byte, let digit = self.digit(next) else { return nil }
            return byte << 4 | digit
        }
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    private static func hex(_ number: UInt64, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
