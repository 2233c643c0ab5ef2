import Hashing

/// Texts under signature are put together as bytes: a `String` would be checked and copied at every step.
extension [UInt8] {
    mutating func append(_ text: String) {
        self.append(contentsOf: text.utf8)
    }

    /// A small number without allocation.
    mutating func append(decimal number: Int) {
        precondition(number >= 0)
        let start = self.count
        var rest = number
        repeat {
            self.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        self[start...].reverse()
    }

    /// With leading zeros up to `width` digits.
    mutating func append(decimal number: Int, width: Int) {
        var power = 1
        for _ in 1..<width { power *= 10 }
        while power > 0 {
            self.append(UInt8(ascii: "0") + UInt8(number / power % 10))
            power /= 10
        }
    }

    mutating func append(hexadecimal digest: SHA256.Digest) {
        let digits = digest.hexadecimal
        digits.span.withUnsafeBufferPointer { self.append(contentsOf: $0) }
    }
}

extension SHA256.Digest {
    /// In lower case, as signatures and content hashes are written.
    var hexadecimal: InlineArray<64, UInt8> {
        var digits = InlineArray<64, UInt8>(repeating: 0)
        for index in self.indices {
            digits[2 * index] = Self.digit(self[index] >> 4)
            digits[2 * index + 1] = Self.digit(self[index] & 15)
        }
        return digits
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        // Branch-free: 39 more for "a" to "f".
        UInt8(ascii: "0") &+ value &+ ((9 &- value) >> 7 &* 39)
    }
}
