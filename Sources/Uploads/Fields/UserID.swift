/// The owner of a file, safe in an object key as it stands.
package struct UserID: Hashable, Sendable {
    package static let maxLength = 64

    package let rawValue: String

    package init(parsing text: String) throws(UploadFailure) {
        guard IdentifierAlphabet.accepts(text, maxLength: Self.maxLength) else {
            throw .invalidUserID(found: .text(text))
        }
        self.rawValue = text
    }

    /// Reads an integer as its decimal digits; a negative one is refused.
    package init(parsing number: Int64) throws(UploadFailure) {
        guard number >= 0 else { throw .invalidUserID(found: .text(String(number))) }
        self.rawValue = String(number)
    }
}
