import S3
import Synchronization

/// When the store last gave an answer, and whether it still does when it is asked for nothing else.
final class StoreContact: Sendable {
    private struct State {
        var lastAnswer = ContinuousClock.now
        var failuresInARow = 0
        var lastFailure = ""
    }

    /// One lost packet, or two, is no outage.
    static let failureLimit = 3

    private let state = Mutex(State())

    /// Why the store cannot be reached, in words; nil while it can, or as long as nobody knows.
    var reason: String? {
        self.state.withLock { state in
            guard state.failuresInARow >= Self.failureLimit else { return nil }
            return "the store does not answer: \(state.lastFailure)"
        }
    }

    func isQuiet(for duration: Duration, at now: ContinuousClock.Instant = .now) -> Bool {
        self.state.withLock { now - $0.lastAnswer >= duration }
    }

    func answered(at now: ContinuousClock.Instant = .now) {
        self.state.withLock { state in
            state.lastAnswer = now
            state.failuresInARow = 0
        }
    }

    /// - Parameter failure: in a word or a few.
    func failed(_ failure: String) {
        self.state.withLock { state in
            state.failuresInARow += 1
            state.lastFailure = failure
        }
    }
}

extension S3Error {
    /// Whether the store has spoken as a store that serves, if only to refuse.
    var isAnswer: Bool {
        switch self.kind {
        case .passing, .cancelled: false
        case .noSuchUpload, .invalidPart, .entityTooSmall, .preconditionFailed, .permanent: true
        }
    }
}
