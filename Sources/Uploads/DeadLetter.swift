import FoundationEssentials

/// Why a request was set aside for an operator.
package struct DeadLetter: Hashable, Sendable {
    package static let errorCodeHeader = "upload-error-code"
    package static let errorMessageHeader = "upload-error-message"
    package static let attemptsHeader = Attempts.attemptsHeader
    package static let originQueueHeader = "upload-origin-queue"
    package static let firstFailedAtHeader = Attempts.firstFailedAtHeader
    package static let lastFailedAtHeader = "upload-last-failed-at"
    /// Counts how often an operator sent the request back; kept when all the others are cleared.
    package static let replaysHeader = "upload-replays"

    package let code: FailureCode
    package let message: String
    /// How often the request was delivered to a handler.
    package let attempts: Int
    package let originQueue: String
    package let firstFailedAt: Date
    package let lastFailedAt: Date

    package init(
        code: FailureCode,
        message: String,
        attempts: Int,
        originQueue: String,
        firstFailedAt: Date,
        lastFailedAt: Date
    ) {
        self.code = code
        self.message = message
        self.attempts = attempts
        self.originQueue = originQueue
        self.firstFailedAt = firstFailedAt
        self.lastFailedAt = lastFailedAt
    }

    package var headers: [String: HeaderValue] {
        [
            Self.errorCodeHeader: .text(self.code.rawValue),
            Self.errorMessageHeader: .text(self.message),
            Self.attemptsHeader: .integer(Int64(self.attempts)),
            Self.originQueueHeader: .text(self.originQueue),
            Self.firstFailedAtHeader: .text(RFC3339.text(of: self.firstFailedAt)),
            Self.lastFailedAtHeader: .text(RFC3339.text(of: self.lastFailedAt)),
        ]
    }
}
