import Testing

@testable import AMQP

@Suite("The arguments of a queue")
struct QueueDeclarationTests {
    @Test(
        "ask for no delivery limit where the broker would otherwise have one",
        arguments: [(nil, nil), (3, nil), (4, -1), (5, -1)] as [(Int?, Int32?)]
    )
    func noLimit(major: Int?, limit: Int32?) {
        let queue = QueueDeclaration(
            name: "q",
            arguments: ["x-queue-type": .string("quorum")],
            hasNoDeliveryLimit: true
        )
        let arguments = queue.arguments(onBrokerOfVersion: major)
        #expect(arguments["x-delivery-limit"] == limit.map(FieldValue.int32))
        #expect(arguments["x-queue-type"] == .string("quorum"))
    }

    @Test("stay as they are where a limit is wanted", arguments: [nil, 3, 4] as [Int?])
    func limit(major: Int?) {
        let queue = QueueDeclaration(name: "q", arguments: ["x-delivery-limit": .int32(20)])
        #expect(queue.arguments(onBrokerOfVersion: major) == queue.arguments)
    }
}
