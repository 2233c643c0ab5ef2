/// A part's or an object's entity tag, without its double quotes.
package struct ETag: Hashable, Sendable {
    package static let maxLength = 256

    package let rawValue: String

    /// Accepts 1 to 256 visible ASCII characters, not counting one pair of double quotes around them.
    package init(parsing text: String) throws(UploadFailure) {
        guard let bare = Self.withoutQuotes(text.utf8), (1...Self.maxLength).contains(bare.count),
            bare.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") })
        else {
            throw .invalidParts("an etag must be 1 to \(Self.maxLength) visible ASCII characters", found: .text(text))
        }
        self.rawValue = String(Substring(bare))
    }

    private static func withoutQuotes(_ text: String.UTF8View) -> Substring.UTF8View? {
        guard text.first == UInt8(ascii: "\"") else { return text[...] }
        guard text.count > 1, text.last == UInt8(ascii: "\"") else { return nil }
        return text.dropFirst().dropLast()
    }
}
