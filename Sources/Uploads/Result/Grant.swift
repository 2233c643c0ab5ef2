import FoundationEssentials

/// Permission to put the parts of a session's upload: one presigned URL for each.
package struct Grant: Equatable, Sendable {
    package let session: Session
    /// The n-th is for part n. Secret: whoever has one can put the part.
    package let urls: [String]
    /// When the URLs end.
    package let expiresAt: Date

    package init(session: Session, urls: [String], expiresAt: Date) {
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
