internal import COpenSSL

/// MD5, for the ETags that S3 computes with it and nothing that must resist an attacker.
package enum MD5 {
    /// The digest's 16 bytes.
    package static func hash(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        let message = Array(bytes)
        var context = MD5_CTX()
        MD5_Init(&context)
        MD5_Update(&context, message, message.count)
        return [UInt8](unsafeUninitializedCapacity: Int(MD5_DIGEST_LENGTH)) { buffer, count in
            MD5_Final(buffer.baseAddress, &context)
            count = Int(MD5_DIGEST_LENGTH)
        }
    }
}
