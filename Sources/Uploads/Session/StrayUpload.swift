import FoundationEssentials

/// An upload that the store has open under a file's key and that no session names: what a Create leaves behind whose
/// answer was lost, or whose worker was killed before it saved the session.
///
/// It may also be the session of a worker with another database, and is left alone for as long as its URLs can live.
package struct StrayUpload: Hashable, Sendable {
    package let file: FileReference
    package let key: ObjectKey
    package let uploadID: UploadID
    package let foundAt: Date

    package init(file: FileReference, key: ObjectKey, uploadID: UploadID, foundAt: Date) {
        self.file = file
        self.key = key
        self.uploadID = uploadID
        self.foundAt = foundAt
    }
}
