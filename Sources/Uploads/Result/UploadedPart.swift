/// A part that the store has.
package struct UploadedPart: Hashable, Sendable {
    package let number: Int
    package let etag: ETag
    /// In bytes.
    package let size: Int64

    package init(number: Int, etag: ETag, size: Int64) {
        self.number = number
        self.etag = etag
        self.size = size
    }
}
