/// What the store says of an object that it has put together.
package struct CompletedMultipartUpload: Sendable, Equatable {
    /// Without quotes; nil where the store leaves it out: HeadObject has it then.
    package let etag: String?
    package let location: String?
    package let checksum: Checksum?
}

/// A store's checksum of an object.
package struct Checksum: Sendable, Equatable {
    /// In S3's spelling: `CRC32`, `CRC32C`, `CRC64NVME`, `SHA1`, `SHA256`.
    package let algorithm: String
    /// Base64, with `-N` behind it where it is a checksum of N parts' checksums.
    package let value: String

    package init(algorithm: String, value: String) {
        self.algorithm = algorithm
        self.value = value
    }
}
