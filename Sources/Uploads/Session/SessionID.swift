import FoundationEssentials

/// The worker's own name of an upload session, as the object carries it in its metadata: a UUID in lower case.
package struct SessionID: Hashable, Sendable {
    package let rawValue: String

    package init(_ uuid: UUID) {
        self.rawValue = uuid.uuidString.lowercased()
    }

    /// Reads an id back, from a row or from an object's metadata; nil for anything but a UUID.
    package init?(parsing text: String) {
        guard let uuid = UUID(uuidString: text) else { return nil }
        self.init(uuid)
    }
}
