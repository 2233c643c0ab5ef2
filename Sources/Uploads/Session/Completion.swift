/// The object that an upload became.
package struct Completion: Hashable, Sendable {
    package let location: String
    package let etag: ETag
    /// In bytes.
    package let size: Int64
    package let checksum: Checksum?
    /// As the store tells it; the only source for an adopted session.
    package let contentType: ContentType?

    package init(location: String, etag: ETag, size: Int64, checksum: Checksum?, contentType: ContentType?) {
        self.location = location
        self.etag = etag
        self.size = size
        self.checksum = checksum
        self.contentType = contentType
    }
}
