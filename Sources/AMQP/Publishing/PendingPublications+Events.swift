extension PendingPublications {
    /// The broker has taken the publication of this number, or all up to it.
    mutating func confirmed(_ number: UInt64, upTo: Bool) -> [Settled] {
        self.take(number, upTo: upTo).compactMap { sent in
            if sent.returned == nil { self.givenUp.forget(sent.entry.publication) }
            return self.leave(sent).map { Settled(id: $0.id, result: .success(sent.returned ?? .confirmed)) }
        }
    }

    /// The broker could not take the publication: it goes again, later each time. One that can go elsewhere is given up
    /// after some refusals.
    ///
    /// - Returns: how many publications that were, and which of them are given up.
    @discardableResult
    mutating func refused(
        _ number: UInt64,
        upTo: Bool,
        now: ContinuousClock.Instant
    ) -> (count: Int, settled: [Settled]) {
        let refused = self.take(number, upTo: upTo)
        var settled: [Settled] = []
        for sent in refused {
            guard var entry = self.leave(sent) else { continue }
            let pause = self.retryPause * (1 << min(entry.refusals, 6))
            entry.refusals += 1
            if entry.publication.canGoElsewhere, entry.refusals >= self.refusalLimit(entry.publication, now) {
                settled.append(self.giveUp(entry, at: now))
            } else {
                self.delayed.append((entry, now.advanced(by: pause)))
            }
        }
        return (refused.count, settled)
    }

    /// No queue took a mandatory publication. Its confirm is still to come, and settles it.
    ///
    /// False where no publication on its way looks like this one.
    mutating func returned(_ identity: ReturnIdentity, code: UInt16, text: String) -> Bool {
        guard let number = self.sequenceOfIdentity[identity] else { return false }
        return self.inFlight.update(number) { $0.returned = .returned(code: code, text: text) }
    }

    /// The connection is gone, and what was on its way goes again, in its order, before everything else.
    mutating func lost(_ loss: Loss) -> [Settled] {
        let sent = self.inFlight.removeAll()
        var again = sent.flatMap { [$0.entry] + $0.followers }.filter { self.abandoned.remove($0.id) == nil }
        defer { self.waiting.prepend(contentsOf: again) }
        self.forgetConnection()

        if self.suspectCount > 0 {
            // One at most was on its way; where it is still wanted it stays a suspect.
            self.suspectCount -= sent.count - again.count
        } else if case .objection = loss {
            self.suspectCount = again.count
        }
        guard case .objection(let code, let text) = loss, sent.count == 1, again.first?.id == sent[0].entry.id else {
            return []
        }
        again[0].objections += 1
        guard again[0].objections >= self.objectionLimit else { return [] }
        self.suspectCount -= 1
        return [Settled(id: again.removeFirst().id, result: .failure(.refused(code: code, text: text)))]
    }

    /// The publisher ends: nothing will be sent any more.
    mutating func stop() -> [Settled] {
        _ = self.lost(.network)
        let rest = self.waiting.removeAll() + self.delayed.map(\.entry)
        self.delayed.removeAll()
        return rest.filter { self.abandoned.remove($0.id) == nil }.map {
            Settled(id: $0.id, result: .failure(.stopped))
        }
    }

    private mutating func take(_ number: UInt64, upTo: Bool) -> [InFlight] {
        guard upTo else { return self.inFlight.remove(number).map { [$0] } ?? [] }
        // Number 0 means every publication so far.
        return self.inFlight.removeAll(through: number == 0 ? .max : number)
    }
}
