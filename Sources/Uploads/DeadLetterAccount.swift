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

    /// - Parameter deaths: believed where the worker's own headers are missing, as far as they name a request queue.
    package init(headers: [String: HeaderValue], deaths: [Death], names: TopologyNames) {
        let death = deaths.first { names.kind(ofQueue: $0.queue) != nil } ?? deaths.first
        let diedAt = death?.at.map(RFC3339.text(of:))
        let code = headers[DeadLetter.errorCodeHeader]?.text
        self.code = code ?? death?.reason
        self.queue = headers[DeadLetter.originQueueHeader]?.text ?? death?.queue
        self.message = headers[DeadLetter.errorMessageHeader]?.text
        self.attempts = headers[DeadLetter.attemptsHeader]?.integer
        self.lastFailedAt = headers[DeadLetter.lastFailedAtHeader]?.text ?? (code == nil ? diedAt : nil)
        self.firstFailedAt = headers[DeadLetter.firstFailedAtHeader]?.text ?? (code == nil ? diedAt : nil)
        self.replays = headers[DeadLetter.replaysHeader]?.integer
    }

    /// What the next replay sets; a forged count starts again.
    package var nextReplays: Int64 {
        let replays = self.replays ?? 0
        return (0..<Int64(Int32.max)).contains(replays) ? replays + 1 : 1
    }
}

/// Which dead letters an operator means: those that fit everything given.
package struct DeadLetterFilter: Equatable, Sendable {
    /// A queue's full name or its last word, such as `start`.
    package let queue: String?
    package let code: String?
    package let messageID: String?

    package init(queue: String? = nil, code: String? = nil, messageID: String? = nil) {
        self.queue = queue
        self.code = code
        self.messageID = messageID
    }

    package var isEmpty: Bool { self == DeadLetterFilter() }

    package func matches(_ account: DeadLetterAccount, messageID: String?) -> Bool {
        if let queue, account.queue != queue, account.queue?.hasSuffix(".\(queue)") != true { return false }
        if let code, account.code != code { return false }
        if let wanted = self.messageID, messageID != wanted { return false }
        return true
    }
}

/// What would happen to a request if it ran now.
package enum Prospect: Equatable, Sendable {
    case refused(code: String)
    case session(String)
    case willRun
    case unknown

    /// - Parameter sessions: what the session store says; nil where it cannot be asked.
    package init(_ request: UploadRequest, sessions: KnownSessions?) {
        guard let sessions else {
            self = .unknown
            return
        }
        switch Decision(request, sessions: sessions) {
        case .refuse(let failure): self = Self.ended(sessions, else: .refused(code: failure.code.rawValue))
        case .answer: self = Self.ended(sessions, else: .willRun)
        case .adopt(_, .uploadConflict): self = .refused(code: FailureCode.uploadConflict.rawValue)
        case .adopt, .open, .presign, .complete, .resume, .abort: self = .willRun
        }
    }

    package var text: String {
        switch self {
        case .refused(let code): "would be refused: \(code)"
        case .session(let state): "session already \(state)"
        case .willRun: "will run"
        case .unknown: "unknown: the session store cannot be read"
        }
    }

    private static func ended(_ sessions: KnownSessions, else other: Self) -> Self {
        guard let session = sessions.named ?? sessions.latest, !session.isOpen else { return other }
        return .session(session.state.name.rawValue)
    }
}

extension HeaderValue {
    fileprivate var text: String? { if case .text(let text) = self { text } else { nil } }
    fileprivate var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
}
