/// One part of an upload, as the store acknowledged it to whoever put it there.
package struct Part: Hashable, Sendable {
    /// The most that S3 takes in one upload.
    package static let maxNumber = 10_000

    /// From 1.
    package let number: Int
    package let etag: ETag

    package init(number: Int, etag: ETag) {
        self.number = number
        self.etag = etag
    }
}
