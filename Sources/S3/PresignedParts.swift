package import FoundationEssentials

/// URLs that let a client put its parts by itself. They are secrets until they end: never log them.
package struct PresignedParts: Sendable, Equatable {
    /// The n-th for part n.
    package let urls: [PresignedURL]
    /// The true end of all of them, whole seconds.
    package let expiresAt: Date

    package init(urls: [PresignedURL], expiresAt: Date) {
        self.urls = urls
        self.expiresAt = expiresAt
    }
}

extension PresignedParts: CustomStringConvertible, CustomReflectable {
    package var description: String { "PresignedParts(\(self.urls.count) redacted)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
