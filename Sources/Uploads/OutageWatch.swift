/// Takes the store to be down when so many requests in a row have failed in a way that can pass, and up again with the
/// first that it serves.
package struct OutageWatch: Equatable, Sendable {
    package enum Change: Equatable, Sendable {
        case began, ended
    }

    /// Of failures in a row; 0 for never.
    private let threshold: Int
    package private(set) var failuresInARow = 0
    package private(set) var isDown = false

    package init(threshold: Int) {
        self.threshold = threshold
    }

    /// Notes how a request went; an answer that did not need the store says nothing of it.
    package mutating func note(_ outcome: Outcome) -> Change? {
        switch outcome {
        case .answeredWithoutStore: nil
        case .passing: self.failed()
        case .answered, .permanent: self.served()
        }
    }

    /// Notes that the store answers, though no request has proved that it serves: the next one that fails begins an outage.
    package mutating func answers() {
        guard self.isDown else { return }
        self.isDown = false
        self.failuresInARow = self.threshold - 1
    }

    private mutating func served() -> Change? {
        self.failuresInARow = 0
        defer { self.isDown = false }
        return self.isDown ? .ended : nil
    }

    private mutating func failed() -> Change? {
        self.failuresInARow += 1
        guard !self.isDown, self.threshold > 0, self.failuresInARow >= self.threshold else { return nil }
        self.isDown = true
        return .began
    }
}
