import Testing

@testable import AMQP

@Suite("Arrivals", .timeLimit(.minutes(1)))
struct ArrivalsTests {
    private static func arrival() -> (Arrival, TakenDelivery) {
        let taken = TakenDelivery(delivery: Delivery(queue: "q"), handled: Answer())
        return (Arrival(delivery: taken.delivery, handled: taken.handled), taken)
    }

    @Test("are passed on in batches, the last before the end")
    func batches() async {
        let (stream, continuation) = AsyncStream.makeStream(of: [Arrival].self)
        var arrivals = Arrivals(to: continuation)
        arrivals.passOn()
        for _ in 0..<2 { arrivals.append(Self.arrival().0) }
        arrivals.passOn()
        arrivals.append(Self.arrival().0)
        arrivals.end()
        arrivals.end()
        #expect(arrivals.hasEnded)
        var counts: [Int] = []
        for await batch in stream { counts.append(batch.count) }
        #expect(counts == [2, 1])
    }

    @Test("leave nobody waiting where nobody takes them any more")
    func takerGone() async {
        let (arrival, taken) = Self.arrival()
        let (_, continuation) = AsyncStream.makeStream(of: [Arrival].self)
        continuation.finish()
        var arrivals = Arrivals(to: continuation)
        arrivals.append(arrival)
        arrivals.passOn()
        await taken.waitUntilHandled()
    }

    @Test("leave nobody waiting where their connection is lost")
    func dropped() async {
        let (arrival, taken) = Self.arrival()
        let (_, continuation) = AsyncStream.makeStream(of: [Arrival].self)
        var arrivals = Arrivals(to: continuation)
        arrivals.append(arrival)
        arrivals.drop()
        await taken.waitUntilHandled()
    }

    @Test("are not waited for by a task that is cancelled")
    func cancelled() async {
        let (_, taken) = Self.arrival()
        let waiting = Task { await taken.waitUntilHandled(atMost: .seconds(3600)) }
        waiting.cancel()
        await waiting.value
    }
}
