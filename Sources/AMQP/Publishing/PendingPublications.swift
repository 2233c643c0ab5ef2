/// Publications on their way: waiting to be sent, sent and not confirmed, or waiting to be sent again.
///
/// Pure: events go in, and what is settled comes out. It decides the order, who has to wait for whom, and whose fault it is
/// when the broker closes the connection.
struct PendingPublications {
    typealias ID = UInt64
    typealias Result = Swift.Result<PublishOutcome, PublishError>

    /// A publication's end.
    struct Settled: Equatable {
        let id: ID
        let result: Result
    }

    /// How a connection ended.
    enum Loss: Equatable {
        /// The network, the broker's shutdown or an operator: nothing that a publication did.
        case network
        /// The broker objected to what it was sent.
        case objection(code: UInt16, text: String)
    }

    struct Entry {
        let id: ID
        let publication: Publication
        /// How often the broker closed the connection with this publication alone on its way.
        var objections = 0
        var refusals = 0
    }

    struct InFlight {
        var entry: Entry
        let identity: ReturnIdentity?
        /// Since when, and how long, the publication waits for its confirm; nil for ever.
        let wait: (began: ContinuousClock.Instant, limit: Duration)?
        var returned: PublishOutcome?
        /// Publications with the same identity, to be sent when this one is settled.
        var followers: [Entry] = []
    }

    /// While the broker says that it takes no messages.
    var isBlocked = false
    /// When the broker last began to take messages again: nobody's wait for a confirm counts from before.
    var unblockedAt: ContinuousClock.Instant?
    /// When to look for waits that have become too long; no later than the first of them does.
    var nextLook: ContinuousClock.Instant?

    var waiting = FIFO<Entry>()
    var inFlight = SequenceWindow<InFlight>()
    var sequenceOfIdentity: [ReturnIdentity: UInt64] = [:]
    var delayed: [(entry: Entry, due: ContinuousClock.Instant)] = []
    var abandoned: Set<ID> = []
    /// How many at the front of the line were on their way when the broker objected: they go one at a time.
    var suspectCount = 0
    /// Objections to a publication alone on its way after which it is refused.
    let objectionLimit: Int
    let retryPause: Duration
    /// How long a publication that can go elsewhere waits for its confirm; a fifteenth where it goes to an address given up
    /// lately.
    let confirmLimit: Duration
    var givenUp = GivenUpAddresses()

    init(
        objectionLimit: Int = 2,
        retryPause: Duration = .milliseconds(100),
        confirmLimit: Duration = .seconds(30)
    ) {
        self.objectionLimit = objectionLimit
        self.retryPause = retryPause
        self.confirmLimit = confirmLimit
    }

    var isEmpty: Bool { self.waiting.isEmpty && self.inFlight.isEmpty && self.delayed.isEmpty }

    /// When a publication that the broker refused is to go again, or one may have waited too long for its confirm.
    var nextDue: ContinuousClock.Instant? {
        let again = self.delayed.map(\.due).min()
        guard !self.isBlocked, let look = self.nextLook else { return again }
        return again.map { min($0, look) } ?? look
    }

    mutating func add(_ publication: Publication, id: ID) {
        self.waiting.append(Entry(id: id, publication: publication))
    }

    /// Nobody waits for this one any more. Call it for publications that are not settled only.
    mutating func abandon(_ id: ID) {
        self.abandoned.insert(id)
    }

    /// The next publication to send, counted as sent from here on; nil where none may go now.
    mutating func sendNext(at now: ContinuousClock.Instant) -> Publication? {
        while self.maySend, let entry = self.waiting.popFirst() {
            guard self.abandoned.remove(entry.id) == nil else {
                self.noLongerSuspect()
                continue
            }
            let identity = ReturnIdentity(entry.publication)
            if let identity, let sequence = self.sequenceOfIdentity[identity] {
                self.inFlight.update(sequence) { $0.followers.append(entry) }
                continue
            }
            let wait = self.beginWait(for: entry.publication, at: now)
            let sequence = self.inFlight.append(InFlight(entry: entry, identity: identity, wait: wait))
            if let identity { self.sequenceOfIdentity[identity] = sequence }
            return entry.publication
        }
        return nil
    }

    /// Whether anything may go now.
    var maySend: Bool {
        !self.isBlocked && !self.waiting.isEmpty && (self.suspectCount == 0 || self.inFlight.isEmpty)
    }

    /// The publication just given by `sendNext` cannot be sent and took no sequence number.
    mutating func takeBackLast(because error: PublishError) -> [Settled] {
        guard let last = self.inFlight.removeLast() else { return [] }
        return self.leave(last).map { [Settled(id: $0.id, result: .failure(error))] } ?? []
    }

    /// Publications that had been refused and whose pause is over go to the back of the line; those that waited too long
    /// for their confirm are given up.
    mutating func advance(to now: ContinuousClock.Instant) -> [Settled] {
        if !self.delayed.isEmpty {
            for (entry, _) in self.delayed.filter({ $0.due <= now }) { self.waiting.append(entry) }
            self.delayed.removeAll { $0.due <= now }
        }
        guard !self.isBlocked, let look = self.nextLook, look <= now else { return [] }
        return self.giveUpOverdue(at: now)
    }

    /// Begins anew with the next connection.
    mutating func forgetConnection() {
        self.inFlight = SequenceWindow()
        self.sequenceOfIdentity.removeAll()
        self.isBlocked = false
        self.unblockedAt = nil
        self.nextLook = nil
    }

    /// Frees what waited for the publication, and gives its entry unless nobody waits for it.
    mutating func leave(_ sent: InFlight) -> Entry? {
        if let identity = sent.identity { self.sequenceOfIdentity[identity] = nil }
        self.noLongerSuspect()
        if !sent.followers.isEmpty { self.waiting.prepend(contentsOf: sent.followers) }
        return self.abandoned.remove(sent.entry.id) == nil ? sent.entry : nil
    }

    private mutating func noLongerSuspect() {
        if self.suspectCount > 0 { self.suspectCount -= 1 }
    }
}
