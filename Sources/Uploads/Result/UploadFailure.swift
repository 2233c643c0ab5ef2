/// A refusal as the requester reads it: a code for programs, a message for a person.
package struct UploadFailure: Error, Equatable, Sendable {
    package let code: FailureCode
    /// Names the rule and the way out; never holds a secret, a signed URL, or more than a glimpse of the input.
    package let message: String
    /// The field of the request that breaks its rule.
    package let field: String?

    package init(_ code: FailureCode, _ message: String, field: String? = nil) {
        self.code = code
        self.message = message
        self.field = field
    }

    package var status: Int { self.code.status }
    package var isRetryable: Bool { self.code.isRetryable }
}
