/// Asks for fresh URLs and for what the store has of an upload already.
package struct ResumeRequest: Hashable, Sendable {
    package let file: FileReference
    package let uploadID: UploadID

    package init(file: FileReference, uploadID: UploadID) {
        self.file = file
        self.uploadID = uploadID
    }
}
