internal import COpenSSL

/// A SHA-256 computation as a value.
///
/// A copy goes on by itself from what was hashed so far, so that a prefix shared by many messages is hashed once.
package struct SHA256: Sendable {
    package typealias Digest = InlineArray<32, UInt8>

    private var context = SHA256_CTX()

    package init() {
        SHA256_Init(&self.context)
    }

    package mutating func update(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { buffer in
            _ = SHA256_Update(&self.context, buffer.baseAddress, buffer.count)
        }
    }

    /// Hashes the text's UTF-8.
    package mutating func update(_ text: String) {
        self.update(text.utf8.span.bytes)
    }

    /// The digest of all that was hashed; the value itself stays as it is and can take more.
    package func digest() -> Digest {
        var context = self.context
        var digest = Digest(repeating: 0)
        var bytes = digest.mutableSpan
        bytes.withUnsafeMutableBufferPointer { buffer in
            _ = SHA256_Final(buffer.baseAddress, &context)
        }
        return digest
    }
}

extension SHA256 {
    package static func hash(_ bytes: RawSpan) -> Digest {
        var hash = SHA256()
        hash.update(bytes)
        return hash.digest()
    }
}
