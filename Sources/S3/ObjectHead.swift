/// What the store tells of an object without its bytes.
package struct ObjectHead: Sendable, Equatable {
    /// Without quotes.
    package let etag: String?
    package let size: Int64
    package let contentType: String?
    /// User metadata by lower-case name, without `x-amz-meta-`.
    package let metadata: [String: String]
    package let checksum: Checksum?
}
