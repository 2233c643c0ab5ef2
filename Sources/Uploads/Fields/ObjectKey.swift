/// Where a file's object is, or will be, in the bucket.
package struct ObjectKey: Hashable, Sendable {
    /// What S3 allows, in bytes of UTF-8.
    package static let maxLength = 1024

    package let rawValue: String

    /// A key made before: by a `KeyTemplate`, or read back from a session.
    package init(_ rawValue: String) {
        self.rawValue = rawValue
    }
}
