import FoundationEssentials

/// What a message in the dead-letter queue tells of itself; nil where it does not, for the queue may hold anything.
package struct DeadLetterAccount: Equatable, Sendable {
    /// A death as the broker notes it, the newest first in a message's `x-death`.
    package struct Death: Equatable, Sendable {
        package let queue: String
        package let reason: String
        package let at: Date?

        package init(queue: String, reason: String, at: Date?) {
            self.queue = queue
            self.reason = reason
            self.at = at
        }
    }

    /// The headers that a replay clears, beside those that no copy of a request carries.
    package static let clearedHeaders: Set<String> = [
        DeadLetter.errorCodeHeader, DeadLetter.errorMessageHeader, DeadLetter.attemptsHeader,
        DeadLetter.originQueueHeader, DeadLetter.firstFailedAtHeader, DeadLetter.lastFailedAtHeader,
        Attempts.retriesHeader,
    ]

    package let queue: String?
    /// Of a dead letter of the broker's own: the broker's reason, such as `delivery_limit`.
    package let code: String?
    package let message: String?
    package let attempts: Int64?
    package let firstFailedAt: String?
    package let lastFailedAt: String?
    package let replays: Int64?

    /// - Parameter deaths: where one names a request queue, the broker set the request aside by itself, and the worker's
    ///   headers are the requester's forgery or an earlier try's: the worker's own copies leave `x-death` behind.
    package init(headers: [String: HeaderValue], deaths: [Death], names: TopologyNames) {
        let brokersOwn = deaths.first { names.kind(ofQueue: $0.queue) != nil }
        let own = brokersOwn == nil ? headers : [:]
        let death = brokersOwn ?? deaths.first
        let diedAt = death?.at.map(RFC3339.text(of:))
        let code = own[DeadLetter.errorCodeHeader]?.text
        self.code = code ?? death?.reason
        self.queue = own[DeadLetter.originQueueHeader]?.text ?? death?.queue
        self.message = own[DeadLetter.errorMessageHeader]?.text
        self.attempts = own[DeadLetter.attemptsHeader]?.integer
        self.lastFailedAt = own[DeadLetter.lastFailedAtHeader]?.text ?? (code == nil ? diedAt : nil)
        self.firstFailedAt = own[DeadLetter.firstFailedAtHeader]?.text ?? (code == nil ? diedAt : nil)
        self.replays = headers[DeadLetter.replaysHeader]?.integer
    }

    /// What the next replay sets; a forged count starts again.
    package var nextReplays: Int64 {
        let replays = self.replays ?? 0
        return (0..<Int64(Int32.max)).contains(replays) ? replays + 1 : 1
    }
}

extension HeaderValue {
    fileprivate var text: String? { if case .text(let text) = self { text } else { nil } }
    fileprivate var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
}
