import Testing

@testable import AMQP

@Suite("Messages taken singly")
struct SingleTakesTests {
    private static func wish(_ queue: String) -> SingleTakes.Wish { SingleTakes.Wish(queue: queue, answer: Answer()) }

    @Test("are asked for one after the other")
    func order() {
        var takes = SingleTakes()
        #expect(takes.queueToAsk() == nil)
        for queue in ["a", "b"] { takes.add(Self.wish(queue)) }
        #expect(takes.queueToAsk() == "a")
        #expect(takes.queueToAsk() == nil, "one question at a time")
        #expect(takes.answered()?.queue == "a")
        #expect(takes.answered()?.queue == nil, "an answer to nothing")
        #expect(takes.queueToAsk() == "b")
    }

    @Test("are asked for again, first, when the connection is lost")
    func lostConnection() {
        var takes = SingleTakes()
        for queue in ["a", "b"] { takes.add(Self.wish(queue)) }
        #expect(takes.queueToAsk() == "a")
        takes.connectionLost()
        #expect(takes.queueToAsk() == "a")
        takes.connectionLost()
        takes.connectionLost()
        #expect(takes.queueToAsk() == "a")
    }

    @Test("are given up while they wait, not once they were asked for")
    func givingUp() async {
        var takes = SingleTakes()
        let (asked, waiting) = (Self.wish("a"), Self.wish("b"))
        takes.add(asked)
        #expect(takes.queueToAsk() == "a")
        takes.add(waiting)
        takes.giveUpWaiting()
        #expect(await waiting.answer.wait() == nil)
        #expect(asked.answer.give(nil), "the question on its way keeps its answer")
        #expect(takes.asked != nil)
    }
}
