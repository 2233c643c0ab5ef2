/// A file as requests name it: two users may use the same file id.
package struct FileReference: Hashable, Sendable {
    package let userID: UserID
    package let fileID: FileID

    package init(userID: UserID, fileID: FileID) {
        self.userID = userID
        self.fileID = fileID
    }
}
