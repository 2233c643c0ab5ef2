package import FoundationEssentials

/// A source of credentials, asked before every request and every signature: it keeps what it has and answers at once.
package protocol CredentialsProvider: Sendable {
    func credentials() async throws(CredentialsError) -> Credentials

    /// Returns once it has credentials that last until then, or once it is clear that there are none to be had for now.
    func renew(until end: Date) async
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

    package func renew(until end: Date) {}
}
