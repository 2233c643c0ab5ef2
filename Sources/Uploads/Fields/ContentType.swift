/// A media type in lower case, without parameters.
package struct ContentType: Hashable, Sendable {
    /// What an object gets whose start request names no content type.
    package static let unspecified = ContentType(stored: "application/octet-stream")

    package let rawValue: String

    /// Accepts a type of the list, whose entries are in lower case, in any ASCII case.
    package init(parsing text: String, allowed: Set<String>) throws(UploadFailure) {
        let lowerCased = Self.lowerCased(text)
        guard allowed.contains(lowerCased) else {
            throw .invalidContentType(found: .text(text), allowed: allowed)
        }
        self.rawValue = lowerCased
    }

    /// A content type that was checked before: read back from a session or told by the store.
    package init(stored text: String) {
        self.rawValue = text
    }

    /// ASCII only: Unicode's own rules would let a Kelvin sign pass for a `k`.
    static func lowerCased(_ text: String) -> String {
        String(decoding: text.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
