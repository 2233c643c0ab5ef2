package import FoundationEssentials

/// An upload that the store has open.
package struct ListedUpload: Sendable, Equatable {
    package let key: String
    package let uploadID: String
    package let initiated: Date?

    package init(key: String, uploadID: String, initiated: Date?) {
        self.key = key
        self.uploadID = uploadID
        self.initiated = initiated
    }
}
