/// What the store says of an object that it has put together.
package struct CompletedMultipartUpload: Sendable, Equatable {
    /// Without quotes; nil where the store leaves it out: HeadObject has it then.
    package let etag: String?
    package let location: String?
    package let checksum: Checksum?

    package init(etag: String?, location: String?, checksum: Checksum?) {
        self.etag = etag
        self.location = location
        self.checksum = checksum
    }
}

extension CompletedMultipartUpload {
    init(_ result: ResponseElement) {
        self.etag = result["ETag"].flatMap(ETag.unquoted)
        self.location = result["Location"].flatMap { $0.isEmpty ? nil : $0 }
        self.checksum = Checksum { result["Checksum\($0)"] }
    }
}
