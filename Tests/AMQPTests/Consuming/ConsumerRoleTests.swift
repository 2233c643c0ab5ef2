import Testing

@testable import AMQP

@Suite("What a consumer's thread does")
struct ConsumerRoleTests {
    @Test("is complete when it stops and nothing can come any more; until then its loop may wait, not turn in vain")
    func completeness() {
        let settings = ConsumerSettings(queues: ["q"], prefetch: 1, bodyLimit: 1, bodyRoom: nil, topology: nil)
        var role = ConsumerRole(settings: settings, deliveries: AsyncStream.makeStream(of: [Arrival].self).continuation)
        role.consumed = ["q"]
        role.takes.add(SingleTakes.Wish(queue: "q", answer: Answer()))
        #expect(role.takes.queueToAsk() == "q")
        #expect(!role.isComplete)
        role.mode = .stopping
        #expect(!role.isComplete)
        role.consumed = []
        #expect(!role.isComplete, "the answer is still to come")
        #expect(role.takes.answered() != nil)
        #expect(role.isComplete)
    }
}
