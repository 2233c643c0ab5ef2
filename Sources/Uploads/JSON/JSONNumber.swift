/// A JSON number: the integer that it is, exactly, or none.
struct JSONNumber: Equatable {
    /// nil for a fraction and for what 64 bits do not hold.
    let integer: Int64?
    /// The beginning of the number as it was written.
    let literal: String

    /// `literal` follows JSON's grammar.
    init(literal: ArraySlice<UInt8>) {
        self.integer = Self.integer(literal)
        self.literal = String(decoding: literal.prefix(80), as: UTF8.self)
    }

    /// More decimal digits than this, zeros at either end apart, are no 64 bits, or a fraction.
    private static let maxDigits = 19

    /// Reads digits and exponent as decimals: no floating point, and no work beyond one pass over the literal.
    private static func integer(_ literal: ArraySlice<UInt8>) -> Int64? {
        let isNegative = literal.first == UInt8(ascii: "-")
        var magnitude: UInt64 = 0
        var digits = 0
        var pendingZeros = 0
        var exponent = 0
        var isFraction = false
        var position = literal.startIndex + (isNegative ? 1 : 0)
        scan: while position < literal.endIndex {
            switch literal[position] {
            case UInt8(ascii: "."):
                isFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                exponent += Self.exponent(literal[(position + 1)...])
                break scan
            case UInt8(ascii: "0"):
                if isFraction { exponent -= 1 }
                pendingZeros += 1
            case let digit:
                if isFraction { exponent -= 1 }
                digits += digits == 0 ? 1 : pendingZeros + 1
                guard digits <= Self.maxDigits else { return nil }
                if magnitude > 0 { magnitude *= self.powerOfTen(pendingZeros + 1) }
                magnitude += UInt64(digit - UInt8(ascii: "0"))
                pendingZeros = 0
            }
            position += 1
        }
        guard magnitude > 0 else { return 0 }
        exponent += pendingZeros
        guard exponent >= 0, digits + exponent <= Self.maxDigits else { return nil }
        magnitude *= self.powerOfTen(exponent)
        return isNegative ? Int64(exactly: -Int128(magnitude)) : Int64(exactly: magnitude)
    }

    private static func powerOfTen(_ exponent: Int) -> UInt64 {
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }

    /// Saturates far beyond what any body's digits could balance.
    private static func exponent(_ text: ArraySlice<UInt8>) -> Int {
        let isNegative = text.first == UInt8(ascii: "-")
        let isSigned = isNegative || text.first == UInt8(ascii: "+")
        let magnitude = text.dropFirst(isSigned ? 1 : 0).reduce(0) { magnitude, byte in
            min(magnitude * 10 + Int(byte - UInt8(ascii: "0")), 1_000_000_000_000)
        }
        return isNegative ? -magnitude : magnitude
    }
}
