/// The sessions that matter to a request, as they are stored.
package struct KnownSessions: Equatable, Sendable {
    package static let none = KnownSessions(named: nil, latest: nil)

    /// The one with the request's user, file and upload id.
    package let named: Session?
    /// The open one of the request's user and file, or else the newest.
    package let latest: Session?

    package init(named: Session?, latest: Session?) {
        self.named = named
        self.latest = latest
    }
}
