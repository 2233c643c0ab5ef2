/// Why there are no credentials: what was looked at, and the way out. It holds no secret and no answer of an endpoint.
package struct CredentialsError: Error, Sendable, Equatable, CustomStringConvertible {
    package let message: String
    /// Whether asking again later may help.
    package let canPass: Bool
    /// Whether no setting speaks of credentials, and the last resort has none: a fault of the settings, most likely.
    package let nothingIsSetUp: Bool

    package init(_ message: String, canPass: Bool = false, nothingIsSetUp: Bool = false) {
        self.message = message
        self.canPass = canPass
        self.nothingIsSetUp = nothingIsSetUp
    }

    package var description: String { self.message }

    /// The same, as something that passes: of credentials that were there once.
    var passing: CredentialsError { CredentialsError(self.message, canPass: true) }
}
