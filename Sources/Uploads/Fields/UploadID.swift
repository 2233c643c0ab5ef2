/// The store's name of a multipart upload.
///
/// The store chooses it, so any 1 to 1024 characters (Unicode scalars) pass, a NUL among them.
package struct UploadID: Hashable, Sendable {
    package static let maxLength = 1024

    package let rawValue: String

    package init(parsing text: String) throws(UploadFailure) {
        guard !text.isEmpty, text.utf8.count <= Self.maxLength || text.unicodeScalars.count <= Self.maxLength else {
            throw .invalidUploadID(found: .text(text))
        }
        self.rawValue = text
    }

    /// Whether it is of visible ASCII, as the ids of all stores are.
    var couldBeAStores: Bool { self.rawValue.utf8.allSatisfy { (0x21...0x7E).contains($0) } }

    /// Compares by bytes: two spellings that look alike are two ids to the store.
    package static func == (one: Self, other: Self) -> Bool {
        one.rawValue.utf8.elementsEqual(other.rawValue.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        for byte in self.rawValue.utf8 { hasher.combine(byte) }
        hasher.combine(self.rawValue.utf8.count)
    }
}
