import FoundationEssentials

/// Permission to put the parts of a session's upload: one presigned URL for each.
package struct Grant: Equatable, Sendable {
    package let session: Session
    /// The n-th is for part n.
    package let urls: [PresignedURL]
    /// When the URLs end.
    package let expiresAt: Date

    package init(session: Session, urls: [PresignedURL], expiresAt: Date) {
        self.session = session
        self.urls = urls
        self.expiresAt = expiresAt
    }

    package var partCount: Int { self.urls.count }
}

extension Grant: CustomStringConvertible, CustomReflectable {
    /// Without the URLs.
    package var description: String { "Grant(\(self.urls.count) parts until \(RFC3339.text(of: self.expiresAt)))" }

    package var customMirror: Mirror { Mirror(self, children: ["partCount": self.partCount]) }
}
