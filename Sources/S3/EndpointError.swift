/// Why a text is no endpoint; the text itself is not repeated, since it may hold a password.
package struct EndpointError: Error, Sendable, Equatable, CustomStringConvertible {
    package let message: String

    init(_ message: String) {
        self.message = message
    }

    package var description: String { self.message }
}
