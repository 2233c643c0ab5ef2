/// Of publications that can go elsewhere: when their address is given up.
extension PendingPublications {
    /// Refusals after which that happens; and at an address given up lately.
    static let (refusalLimit, shortRefusalLimit) = (5, 2)

    func refusalLimit(_ publication: Publication, _ now: ContinuousClock.Instant) -> Int {
        self.givenUp.contains(publication, at: now) ? Self.shortRefusalLimit : Self.refusalLimit
    }

    /// Since when, and how long, the publication waits for its confirm, sent now; nil where it waits for ever.
    mutating func beginWait(
        for publication: Publication,
        at now: ContinuousClock.Instant
    ) -> (began: ContinuousClock.Instant, limit: Duration)? {
        guard publication.canGoElsewhere else { return nil }
        let limit = self.givenUp.contains(publication, at: now) ? self.confirmLimit / 15 : self.confirmLimit
        self.nextLook = min(self.nextLook ?? now + limit, now + limit)
        return (now, limit)
    }

    /// The broker takes no messages: no wait counts.
    mutating func blocked() {
        self.isBlocked = true
    }

    mutating func unblocked(at now: ContinuousClock.Instant) {
        self.isBlocked = false
        self.unblockedAt = now
    }

    mutating func giveUpOverdue(at now: ContinuousClock.Instant) -> [Settled] {
        var overdue: [UInt64] = []
        var nextLook: ContinuousClock.Instant?
        self.inFlight.forEach { number, sent in
            guard let (began, limit) = sent.wait else { return }
            let due = max(began, self.unblockedAt ?? began) + limit
            if due <= now { overdue.append(number) } else { nextLook = min(nextLook ?? due, due) }
        }
        self.nextLook = nextLook
        return overdue.compactMap { number in
            self.inFlight.remove(number).flatMap { self.leave($0) }.map { self.giveUp($0, at: now) }
        }
    }

    mutating func giveUp(_ entry: Entry, at now: ContinuousClock.Instant) -> Settled {
        self.givenUp.note(entry.publication, at: now)
        return Settled(id: entry.id, result: .failure(.unconfirmed))
    }
}
