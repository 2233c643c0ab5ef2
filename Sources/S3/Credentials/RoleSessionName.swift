/// The name that a role's session goes by in AWS's own logs.
struct RoleSessionName: Sendable, Equatable {
    let text: String

    /// - Parameter text: nil for a name of our own.
    init(_ text: String?, setting: String) throws(CredentialsError) {
        let text = text ?? "upload-worker"
        guard (2...64).contains(text.utf8.count), text.utf8.allSatisfy(Self.isCharacter) else {
            throw CredentialsError("\(setting) is of 2 to 64 letters, digits and _ = , . @ + -")
        }
        self.text = text
    }

    static func isCharacter(_ byte: UInt8) -> Bool {
        (URIEncoding.isUnreserved(byte) && byte != UInt8(ascii: "~")) || "=,@+".utf8.contains(byte)
    }
}
