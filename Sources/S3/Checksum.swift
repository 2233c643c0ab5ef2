/// A store's checksum of an object.
package struct Checksum: Sendable, Equatable {
    /// In S3's spelling: `CRC32`, `CRC32C`, `CRC64NVME`, `SHA1`, `SHA256`.
    package let algorithm: String
    /// Base64, with `-N` behind it where it is a checksum of N parts' checksums.
    package let value: String

    private static let algorithms = ["CRC64NVME", "CRC32C", "CRC32", "SHA256", "SHA1"]

    package init(algorithm: String, value: String) {
        self.algorithm = algorithm
        self.value = value
    }

    /// The first that `value` has; it is asked for every algorithm in turn.
    init?(value: (String) -> String?) {
        for algorithm in Self.algorithms {
            if let text = value(algorithm), !text.isEmpty {
                self.init(algorithm: algorithm, value: text)
                return
            }
        }
        return nil
    }
}
