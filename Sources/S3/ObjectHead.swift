package import FoundationEssentials

/// What the store tells of an object without its bytes.
package struct ObjectHead: Sendable, Equatable {
    /// Without quotes.
    package let etag: String?
    package let size: Int64
    package let contentType: String?
    /// User metadata by lower-case name, without `x-amz-meta-`.
    package let metadata: [String: String]
    package let checksum: Checksum?
    /// The header `Last-Modified`.
    private let modified: String?

    package init(
        etag: String?,
        size: Int64,
        contentType: String?,
        metadata: [String: String],
        checksum: Checksum?,
        modified: String? = nil
    ) {
        self.etag = etag
        self.size = size
        self.contentType = contentType
        self.metadata = metadata
        self.checksum = checksum
        self.modified = modified
    }

    /// When the object came to be, by the store's clock; nil where it does not say.
    package var lastModified: Date? { self.modified.flatMap(HTTPDate.date) }
}

extension ObjectHead {
    init(_ response: S3Response) throws(S3Error) {
        let headers = response.http.headers
        guard let size = headers["content-length"].flatMap(Int64.init), size >= 0 else {
            throw response.malformed("no Content-Length in the answer")
        }
        self.etag = headers["etag"].flatMap(ETag.unquoted)
        self.size = size
        self.contentType = headers["content-type"]
        self.metadata = headers.values(prefixed: "x-amz-meta-")
        self.modified = headers["last-modified"]
        self.checksum = Checksum { headers["x-amz-checksum-\($0.lowercased())"] }
    }
}
