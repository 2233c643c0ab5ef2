/// A JSON number: the integer that it is, exactly, or none.
struct JSONNumber: Equatable {
    /// nil for a fraction and for what 64 bits do not hold.
    let integer: Int64?
    /// The beginning of the number as it was written.
    let literal: String

    /// `literal` follows JSON's grammar.
    init(literal: some RandomAccessCollection<UInt8>) {
        self.integer = Self.integer(literal)
        self.literal = String(decoding: literal.prefix(80), as: UTF8.self)
    }

    /// Reads digits and exponent as decimals: no floating point, and no work beyond one pass over the literal.
    private static func integer(_ literal: some RandomAccessCollection<UInt8>) -> Int64? {
        let isNegative = literal.first == UInt8(ascii: "-")
        var digits: [UInt8] = []
        var trailingZeros = 0
        var exponent = 0
        var isFraction = false
        var rest = literal.dropFirst(isNegative ? 1 : 0)
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: ".") {
                isFraction = true
            } else if byte | 0x20 == UInt8(ascii: "e") {
                exponent += Self.exponent(rest)
                break
            } else {
                if isFraction { exponent -= 1 }
                if byte == UInt8(ascii: "0") {
                    trailingZeros += 1
                } else {
                    if !digits.isEmpty { digits.append(contentsOf: repeatElement(0, count: trailingZeros)) }
                    digits.append(byte - UInt8(ascii: "0"))
                    trailingZeros = 0
                }
            }
        }
        guard !digits.isEmpty else { return 0 }
        return self.integer(digits, scaledBy: exponent + trailingZeros, isNegative: isNegative)
    }

    /// Saturates far beyond what any body's digits could balance.
    private static func exponent(_ text: some Collection<UInt8>) -> Int {
        let isNegative = text.first == UInt8(ascii: "-")
        let isSigned = isNegative || text.first == UInt8(ascii: "+")
        let magnitude = text.dropFirst(isSigned ? 1 : 0).reduce(0) { magnitude, byte in
            min(magnitude * 10 + Int(byte - UInt8(ascii: "0")), 1_000_000_000_000)
        }
        return isNegative ? -magnitude : magnitude
    }

    private static func integer(_ digits: [UInt8], scaledBy exponent: Int, isNegative: Bool) -> Int64? {
        guard exponent >= 0, digits.count + exponent <= 19 else { return nil }
        var magnitude: UInt64 = 0
        for digit in digits { magnitude = magnitude * 10 + UInt64(digit) }
        for _ in 0..<exponent { magnitude *= 10 }
        return isNegative ? Int64(exactly: -Int128(magnitude)) : Int64(exactly: magnitude)
    }
}
