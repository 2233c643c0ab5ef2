/// A checksum that the store computed over an object.
package struct Checksum: Hashable, Sendable {
    /// The store's name of the algorithm, such as `CRC64NVME`.
    package let algorithm: String
    package let value: String

    package init(algorithm: String, value: String) {
        self.algorithm = algorithm
        self.value = value
    }
}
