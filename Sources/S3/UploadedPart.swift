/// A part that the store has.
package struct UploadedPart: Sendable, Equatable {
    package let number: Int
    /// Without quotes.
    package let etag: String
    package let size: Int64

    package init(number: Int, etag: String, size: Int64) {
        self.number = number
        self.etag = etag
        self.size = size
    }
}
