/// Asks to make the object of its parts.
package struct CompleteRequest: Hashable, Sendable {
    package let file: FileReference
    package let uploadID: UploadID
    /// Parts 1 to n, each once, in order.
    package let parts: [Part]

    package init(file: FileReference, uploadID: UploadID, parts: [Part]) {
        self.file = file
        self.uploadID = uploadID
        self.parts = parts
    }
}
