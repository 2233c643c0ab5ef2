/// Which deliveries of a channel are settled, and what to tell the broker about them.
///
/// Tags finished from the oldest on are acknowledged together; those beyond one that hangs are acknowledged singly, so that
/// a delivery which hangs on one queue never uses up the prefetch of another.
struct AcknowledgementLedger {
    enum Settlement: Equatable, Sendable {
        case acknowledged, rejected, released
    }

    enum Action: Equatable, Sendable {
        case acknowledge(UInt64, upTo: Bool)
        case reject(UInt64, requeue: Bool)
    }

    private enum Entry {
        case outstanding, acknowledged
    }

    private var entries = SequenceWindow<Entry>()
    private var acknowledged: [UInt64] = []
    private var rejections: [Action] = []

    var outstandingCount: Int { self.entries.count }

    /// Notes a delivery; false where its tag does not follow the one before, which no broker does.
    mutating func delivered(_ tag: UInt64) -> Bool {
        guard tag == self.entries.next else { return false }
        self.entries.append(.outstanding)
        return true
    }

    /// Settles a delivery; nothing happens to one that is settled already or that the channel never had.
    mutating func settle(_ tag: UInt64, as settlement: Settlement) {
        guard case .outstanding? = self.entries[tag] else { return }
        switch settlement {
        case .acknowledged:
            self.entries.update(tag) { $0 = .acknowledged }
            self.acknowledged.append(tag)
        case .rejected, .released:
            _ = self.entries.remove(tag)
            self.rejections.append(.reject(tag, requeue: settlement == .released))
        }
    }

    /// What to tell the broker now, rejections first: an acknowledgement up to a tag would swallow them.
    mutating func takeActions() -> [Action] {
        guard !self.acknowledged.isEmpty || !self.rejections.isEmpty else { return [] }
        var actions = self.rejections
        self.rejections.removeAll()
        let finished = self.acknowledged
        self.acknowledged.removeAll(keepingCapacity: true)

        var prefixEnd: UInt64?
        var prefixCount = 0
        while case .acknowledged? = self.entries[self.entries.first] {
            prefixEnd = self.entries.first
            prefixCount += 1
            _ = self.entries.remove(self.entries.first)
        }
        if let prefixEnd { actions.append(.acknowledge(prefixEnd, upTo: prefixCount > 1)) }
        for tag in finished where self.entries.remove(tag) != nil {
            actions.append(.acknowledge(tag, upTo: false))
        }
        return actions
    }
}
