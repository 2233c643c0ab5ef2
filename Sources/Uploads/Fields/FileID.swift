/// The requester's name of a file: a UUID or any business id, safe in an object key as it stands.
package struct FileID: Hashable, Sendable {
    package static let maxLength = 128

    package let rawValue: String

    package init(parsing text: String) throws(UploadFailure) {
        guard IdentifierAlphabet.accepts(text, maxLength: Self.maxLength) else {
            throw .invalidFileID(found: .text(text))
        }
        self.rawValue = text
    }
}
