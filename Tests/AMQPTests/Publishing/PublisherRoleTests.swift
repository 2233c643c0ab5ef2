import Testing

@testable import AMQP

@Suite("What a publisher's thread does")
struct PublisherRoleTests {
    @Test(
        "connects again without a pause after an objection to what it sent, not after other losses",
        arguments: [
            (.channelClosed(code: 404, text: "NOT_FOUND"), 1, true),
            (.connectionClosed(code: 541, text: "INTERNAL_ERROR"), 1, true),
            (.connectionClosed(code: 541, text: "INTERNAL_ERROR"), 0, false),
            (.connectionClosed(code: 320, text: "CONNECTION_FORCED"), 1, false),
            (.connectionLost("reset by peer"), 1, false),
        ] as [(BrokerError.Reason, Int, Bool)]
    )
    func usefulness(reason: BrokerError.Reason, sentCount: Int, isUseful: Bool) {
        var pending = PendingPublications.with("a", "b")
        for _ in 0..<sentCount { _ = pending.sendNext(at: .now) }
        var role = PublisherRole(topology: nil, pending: pending, refused: { _ in })
        role.lost(BrokerError(reason, url: nil))
        #expect(role.wasUseful == isUseful)
    }
}
