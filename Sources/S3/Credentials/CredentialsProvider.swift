/// A source of credentials, asked before every request and every signature: it keeps what it has and answers at once.
package protocol CredentialsProvider: Sendable {
    func credentials() async throws(CredentialsError) -> Credentials
}

/// Credentials given once, that never change.
package struct StaticCredentials: CredentialsProvider {
    private let value: Credentials

    package init(_ value: Credentials) {
        self.value = value
    }

    package func credentials() -> Credentials {
        self.value
    }
}

/// Why there are no credentials: what was looked at, and the way out.
package struct CredentialsError: Error, Sendable, Equatable, CustomStringConvertible {
    package let message: String
    /// Whether asking again later may help.
    package let canPass: Bool

    package init(_ message: String, canPass: Bool = false) {
        self.message = message
        self.canPass = canPass
    }

    package var description: String { self.message }
}
