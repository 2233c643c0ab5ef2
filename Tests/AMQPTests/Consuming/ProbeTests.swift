import Testing

@testable import AMQP

@Suite("A probe of queues")
struct ProbeTests {
    @Test("asks each queue once, until one has a message, and begins with the next one after")
    func order() {
        var probe = Probe(queues: ["a", "b", "c"])
        #expect(probe.queueToAsk() == nil)
        probe.begin()
        #expect(probe.queueToAsk() == "a")
        #expect(probe.queueToAsk() == nil, "one question at a time")
        probe.begin()
        probe.wasEmpty()
        #expect(probe.queueToAsk() == "b")
        #expect(probe.found() == "b")
        #expect(probe.queueToAsk() == nil)

        probe.begin()
        for queue in ["c", "a", "b"] {
            #expect(probe.queueToAsk() == queue)
            probe.wasEmpty()
        }
        #expect(probe.queueToAsk() == nil, "all were empty")
        #expect(probe.found() == nil)
    }
}
