/// Asks for a new upload session with one presigned URL per part.
package struct StartRequest: Hashable, Sendable {
    package let file: FileReference
    /// From 1.
    package let partCount: Int
    package let contentType: ContentType

    package init(file: FileReference, partCount: Int, contentType: ContentType) {
        self.file = file
        self.partCount = partCount
        self.contentType = contentType
    }
}
