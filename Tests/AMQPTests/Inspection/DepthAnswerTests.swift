import Testing

@testable import AMQP

@Suite("What the broker said of a queue's depth")
struct DepthAnswerTests {
    @Test(
        "is forgotten when it grows old",
        arguments: [(0, 7), (29, 7), (30, 7), (31, nil)] as [(Int, Int?)]
    )
    func age(seconds: Int, expected: Int?) {
        let answer = DepthAnswer()
        let start = ContinuousClock.now
        answer.note(7, at: start)
        #expect(answer.messages(noOlderThan: .seconds(30), at: start + .seconds(seconds)) == expected)
    }

    @Test("is none before the first, and without a queue")
    func none() {
        let answer = DepthAnswer()
        let now = ContinuousClock.now
        #expect(answer.messages(noOlderThan: .seconds(30), at: now) == nil)
        answer.note(0, at: now)
        #expect(answer.messages(noOlderThan: .seconds(30), at: now) == 0)
        answer.note(nil, at: now)
        #expect(answer.messages(noOlderThan: .seconds(30), at: now) == nil)
    }
}
