/// A URL that lets whoever has it put one part until it ends. However it is printed, it shows nothing of it.
package struct PresignedURL: Hashable, Sendable {
    /// The secret itself, for the one who asked for it.
    package let text: String

    package init(_ text: String) { self.text = text }
}

extension PresignedURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "PresignedURL(redacted)" }
    package var debugDescription: String { self.description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// As the text alone.
extension PresignedURL: Decodable {
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }
}
