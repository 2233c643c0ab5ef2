package import FoundationEssentials

/// A part that the store has.
package struct UploadedPart: Sendable, Equatable {
    package let number: Int
    /// Without quotes.
    package let etag: String
    package let size: Int64
    /// When it was put, by the store's clock; nil where it does not say.
    package let lastModified: Date?

    package init(number: Int, etag: String, size: Int64, lastModified: Date? = nil) {
        self.number = number
        self.etag = etag
        self.size = size
        self.lastModified = lastModified
    }
}
