import S3
import Synchronization

/// When the store last gave an answer, and whether it still serves when it is asked for nothing else.
final class StoreContact: Sendable {
    private struct State {
        var lastAnswer = ContinuousClock.now
        var hasAnswered = false
        var failuresInARow = 0
        var lastFailure: String?
        var refusal: String?
        var isSuspected = true

        mutating func answered(at now: ContinuousClock.Instant) {
            self.lastAnswer = now
            self.hasAnswered = true
            self.failuresInARow = 0
            self.lastFailure = nil
        }
    }

    /// One lost packet, or two, is no outage; before the first answer there is nothing to lose.
    static let failureLimit = 3

    private let state = Mutex(State())

    /// Why the store does not serve, in words; nil while it does.
    var reason: String? {
        self.state.withLock { state in
            if let failure = state.lastFailure, !state.hasAnswered || state.failuresInARow >= Self.failureLimit {
                return "the store does not answer: \(failure)"
            }
            if let refusal = state.refusal { return "the store refuses every request: \(refusal)" }
            return state.hasAnswered ? nil : "the store has not answered yet"
        }
    }

    /// Whether the store may refuse every request: it was not asked yet, or has refused one since it was.
    var isSuspected: Bool { self.state.withLock(\.isSuspected) }

    func isQuiet(for duration: Duration, at now: ContinuousClock.Instant = .now) -> Bool {
        self.state.withLock { now - $0.lastAnswer >= duration }
    }

    /// The store has done something, or has spoken of what it was asked for.
    func answered(at now: ContinuousClock.Instant = .now) {
        self.state.withLock { $0.answered(at: now) }
    }

    /// It refused a request, in a way that may be meant for all.
    func suspected() {
        self.state.withLock { $0.isSuspected = true }
    }

    /// It was asked for something that any request needs, and does not refuse that.
    ///
    /// - Returns: whether it did before.
    @discardableResult
    func served(at now: ContinuousClock.Instant = .now) -> Bool {
        self.state.withLock { state in
            defer { (state.refusal, state.isSuspected) = (nil, false) }
            state.answered(at: now)
            return state.refusal != nil
        }
    }

    /// - Parameter reason: with the way out.
    /// - Returns: whether that is new.
    @discardableResult
    func refused(_ reason: String) -> Bool {
        self.state.withLock { state in
            defer { (state.refusal, state.isSuspected) = (reason, true) }
            (state.failuresInARow, state.lastFailure) = (0, nil)
            return state.refusal != reason
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
    /// Whether the store has spoken as a store that serves, if only to refuse this one request.
    var isAnswer: Bool {
        switch self.kind {
        case .passing, .cancelled: false
        case .noSuchUpload, .invalidPart, .entityTooSmall, .preconditionFailed: true
        case .permanent: !self.refusesEverything
        }
    }
}
