/// Asks to give an upload up and free its parts.
package struct AbortRequest: Hashable, Sendable {
    package let file: FileReference
    package let uploadID: UploadID

    package init(file: FileReference, uploadID: UploadID) {
        self.file = file
        self.uploadID = uploadID
    }
}
