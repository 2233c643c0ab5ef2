/// Which broker to try next, and after how long.
///
/// The URLs are tried in turn, from the one that worked last. After a whole round without success comes a pause, doubled
/// each time and cut by a random factor, so that workers that lost one broker together do not come back together.
struct ReconnectSchedule {
    /// How long to go on trying.
    enum Persistence: Sendable {
        /// Each URL once, and no second connection.
        case once
        /// For ever, unless the first round shows that it is of no use.
        case forever
    }

    enum Step: Equatable {
        case connect(urlIndex: Int, after: Duration)
        case giveUp
    }

    let urlCount: Int
    let persistence: Persistence
    let firstPause: Duration
    let longestPause: Duration
    private var urlIndex = 0
    private var failuresInRound = 0
    private var pauses = 0
    private var isFirstRound = true
    private var isHopeless = true

    init(
        urlCount: Int,
        persistence: Persistence,
        firstPause: Duration = .milliseconds(100),
        longestPause: Duration = .seconds(5)
    ) {
        self.urlCount = urlCount
        self.persistence = persistence
        self.firstPause = firstPause
        self.longestPause = longestPause
    }

    /// The connection could not be made; `random` is from 0 to 1.
    mutating func failedToConnect(isPermanent: Bool, random: Double) -> Step {
        self.urlIndex = (self.urlIndex + 1) % self.urlCount
        self.failuresInRound += 1
        self.isHopeless = self.isHopeless && isPermanent
        guard self.failuresInRound >= self.urlCount else { return .connect(urlIndex: self.urlIndex, after: .zero) }
        if self.persistence == .once || (self.isFirstRound && self.isHopeless) { return .giveUp }
        self.failuresInRound = 0
        self.isFirstRound = false
        return .connect(urlIndex: self.urlIndex, after: self.nextPause(random: random))
    }

    /// A connection that had been made was lost; `wasUseful` when it did its work, and the next is made at once and to the
    /// same URL. A broker that accepts and then drops connections is left to itself for a round.
    mutating func lost(wasUseful: Bool, random: Double) -> Step {
        guard self.persistence == .forever else { return .giveUp }
        self.failuresInRound = 0
        self.isFirstRound = false
        guard !wasUseful else {
            self.pauses = 0
            return .connect(urlIndex: self.urlIndex, after: .zero)
        }
        self.urlIndex = (self.urlIndex + 1) % self.urlCount
        return .connect(urlIndex: self.urlIndex, after: self.nextPause(random: random))
    }

    private mutating func nextPause(random: Double) -> Duration {
        let longest = min(self.longestPause, self.firstPause * (1 << min(self.pauses, 16)))
        self.pauses += 1
        return longest * random
    }
}
