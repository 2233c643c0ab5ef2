package import FoundationEssentials

/// URLs that let a client put its parts by itself. They are secrets until they end: never log them.
package struct PresignedParts: Sendable, Equatable {
    /// The n-th for part n.
    package let urls: [String]
    /// The true end of all of them, whole seconds.
    package let expiresAt: Date
}
