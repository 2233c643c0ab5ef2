/// An HMAC-SHA-256 computation as a value; a copy keeps the key's blocks and the message's prefix hashed.
package struct HMACSHA256: Sendable {
    private static let blockSize = 64

    private var inner = SHA256()
    private var outer = SHA256()

    package init(key: RawSpan) {
        var block = InlineArray<64, UInt8>(repeating: 0)
        if key.byteCount > Self.blockSize {
            let digest = SHA256.hash(key)
            for index in digest.indices { block[index] = digest[index] }
        } else {
            for index in 0..<key.byteCount { block[index] = key.unsafeLoad(fromByteOffset: index, as: UInt8.self) }
        }
        for index in block.indices { block[index] ^= 0x36 }
        self.inner.update(block.span.bytes)
        for index in block.indices { block[index] ^= 0x36 ^ 0x5c }
        self.outer.update(block.span.bytes)
    }

    package mutating func update(_ bytes: RawSpan) {
        self.inner.update(bytes)
    }

    /// Adds the text's UTF-8 to the message.
    package mutating func update(_ text: String) {
        self.inner.update(text)
    }

    /// The code of the message so far; the value itself stays as it is and can take more.
    package func code() -> SHA256.Digest {
        var outer = self.outer
        let digest = self.inner.digest()
        outer.update(digest.span.bytes)
        return outer.digest()
    }
}
