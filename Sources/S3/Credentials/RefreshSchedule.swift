package import FoundationEssentials

/// When credentials are fetched: events go in, what to do comes out. It knows no clock and no source.
///
/// They are renewed some time before they end, or after half of their life where that is short; after a failure with
/// growing pauses. Whoever needs them to last longer asks for it; while that gains nothing, it is tried with growing
/// pauses, too.
package struct RefreshSchedule: Sendable, Equatable {
    package enum Event: Sendable, Equatable {
        /// It may be time.
        case due
        /// Somebody needs credentials that last until then.
        case asked(until: Date)
        case found(end: Date?, isRenewable: Bool)
        /// - random: from 0 up to 1.
        case failed(random: Double)
    }

    package enum Action: Sendable, Equatable {
        /// Begin; `found` or `failed` must follow.
        case fetch
        /// Come back at that time, or when asked.
        case wait(until: Date?)
        /// To who asked: wait for the fetch that is under way or due.
        case join
        /// To who asked: there is nothing better to be had for now.
        case decline
    }

    private static let shortestPause = 1.0
    private static let longestPause = 60.0

    /// How long before their end credentials are renewed, where they live twice as long.
    private let lead: TimeInterval
    /// The next fetch; nil where there is to be none.
    private var next: Date? = .distantPast
    private var isFetching = false
    private var end: Date?
    private var isRenewable = true
    private var failures = 0
    /// The most that was asked for since the last fetch, and how many fetches in a row did not bring as much.
    private var wanted: Date?
    private var fruitless = 0
    private var askableFrom = Date.distantPast

    package init(lead: TimeInterval) {
        self.lead = lead
    }

    package mutating func handle(_ event: Event, at now: Date) -> Action {
        switch event {
        case .due: self.due(at: now)
        case .asked(let end): self.asked(until: end, at: now)
        case .found(let end, let isRenewable): self.found(end: end, isRenewable: isRenewable, at: now)
        case .failed(let random): self.failed(random: random, at: now)
        }
    }

    private mutating func due(at now: Date) -> Action {
        guard !self.isFetching, let next, next <= now else { return .wait(until: self.next) }
        self.isFetching = true
        return .fetch
    }

    private mutating func asked(until wanted: Date, at now: Date) -> Action {
        guard self.isRenewable, let end, end < wanted else { return .decline }
        if !self.isFetching, self.next.map({ $0 > now }) ?? true {
            guard now >= self.askableFrom else { return .decline }
            self.next = now
        }
        self.wanted = max(wanted, self.wanted ?? wanted)
        return .join
    }

    private mutating func found(end: Date?, isRenewable: Bool, at now: Date) -> Action {
        let isEnough = end.flatMap { end in self.wanted.map { end >= $0 } } ?? true
        self.fruitless = isEnough ? 0 : self.fruitless + 1
        self.askableFrom = now.addingTimeInterval(isEnough ? 0 : Self.pause(after: self.fruitless))
        self.isFetching = false
        self.failures = 0
        self.wanted = nil
        self.end = end
        self.isRenewable = isRenewable
        self.next = isRenewable ? end.map { self.renewal(of: $0, at: now) } : nil
        return .wait(until: self.next)
    }

    private mutating func failed(random: Double, at now: Date) -> Action {
        self.failures += 1
        self.isFetching = false
        self.wanted = nil
        let pause = Self.pause(after: self.failures) * (1 + random) / 2
        self.next = now.addingTimeInterval(pause)
        self.askableFrom = now.addingTimeInterval(pause)
        return .wait(until: self.next)
    }

    private func renewal(of end: Date, at now: Date) -> Date {
        let life = end.timeIntervalSince(now)
        return now.addingTimeInterval(max(life - self.lead, life / 2, Self.shortestPause))
    }

    private static func pause(after times: Int) -> TimeInterval {
        min(self.longestPause, self.shortestPause * Double(1 << min(times - 1, 10)))
    }
}
