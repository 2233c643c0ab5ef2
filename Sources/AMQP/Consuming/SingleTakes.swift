/// Messages wanted one at a time, in the order in which they were asked for.
///
/// The broker's answers do not say which question they answer, so there is one on its way at most.
struct SingleTakes {
    struct Wish: Sendable {
        let queue: String
        let answer: Answer<TakenDelivery?>
    }

    private var waiting = FIFO<Wish>()
    private(set) var asked: Wish?

    mutating func add(_ wish: Wish) {
        self.waiting.append(wish)
    }

    /// The queue to ask now.
    mutating func queueToAsk() -> String? {
        guard self.asked == nil, let wish = self.waiting.popFirst() else { return nil }
        self.asked = wish
        return wish.queue
    }

    /// The wish that the broker's answer belongs to.
    mutating func answered() -> Wish? {
        defer { self.asked = nil }
        return self.asked
    }

    /// The question is lost with its connection, and is asked again.
    mutating func connectionLost() {
        guard let asked = self.answered() else { return }
        self.waiting.prepend(contentsOf: [asked])
    }

    /// Gives up what has not been asked yet.
    mutating func giveUpWaiting() {
        for wish in self.waiting.removeAll() { wish.answer.give(nil) }
    }
}
