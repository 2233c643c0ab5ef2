internal import COpenSSL

/// SHA-1, for names derived from names (UUID version 5) and nothing that must resist an attacker.
package enum SHA1 {
    /// The digest's 20 bytes.
    package static func hash(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        let message = Array(bytes)
        var context = SHA_CTX()
        SHA1_Init(&context)
        SHA1_Update(&context, message, message.count)
        return [UInt8](unsafeUninitializedCapacity: Int(SHA_DIGEST_LENGTH)) { buffer, count in
            SHA1_Final(buffer.baseAddress, &context)
            count = Int(SHA_DIGEST_LENGTH)
        }
    }
}
