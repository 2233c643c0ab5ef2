internal import FoundationEssentials

extension Credentials {
    /// Credentials of parts that may be missing or damaged; `place` tells the reader of the error where to look.
    init(
        accessKeyID: String?,
        secretAccessKey: String?,
        sessionToken: String?,
        expiresAt: Date? = nil,
        place: String
    ) throws(CredentialsError) {
        guard let accessKeyID, let secretAccessKey else {
            throw CredentialsError("\(place) has an access key id or a secret access key without the other")
        }
        for (name, text) in [
            ("access key id", accessKeyID), ("secret access key", secretAccessKey),
            ("session token", sessionToken ?? "-"),
        ] {
            // Anything else would end up in a header line.
            guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw CredentialsError("\(place) has a blank or a character outside ASCII in the \(name)")
            }
        }
        self.init(
            accessKeyID: accessKeyID,
            secretAccessKey: secretAccessKey,
            sessionToken: sessionToken,
            expiresAt: expiresAt
        )
    }
}
