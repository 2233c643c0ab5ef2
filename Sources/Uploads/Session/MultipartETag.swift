import Hashing

/// The ETag that most stores give an object made of parts: the MD5 of the parts' MD5s, and how many there are.
///
/// It tells which parts an object is made of where they are encrypted with the store's own keys or not at all; with other
/// keys (SSE-KMS, SSE-C) and on some stores an ETag is no MD5, and then it tells nothing.
package enum MultipartETag {
    /// Nil where a part's ETag is not an MD5.
    package static func ofObject(madeOf parts: [Part]) -> String? {
        var digests: [UInt8] = []
        digests.reserveCapacity(parts.count * 16)
        for part in parts {
            guard let digest = self.digest(part.etag.rawValue) else { return nil }
            digests += digest
        }
        return MD5.hash(digests).map(Self.hex).joined() + "-\(parts.count)"
    }

    private static func digest(_ text: String) -> [UInt8]? {
        let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard text.utf8.count == 32, digits.count == 32 else { return nil }
        return stride(from: 0, to: 32, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    private static func hex(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}
