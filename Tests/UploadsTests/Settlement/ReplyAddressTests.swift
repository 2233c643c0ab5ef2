import Testing

@testable import Uploads

@Suite("Reply address")
struct ReplyAddressTests {
    static let direct = "amq.rabbitmq.reply-to.g1h2AA5yZXBseUA.x=="

    static func address(_ replyTo: String?, matches: ((String) -> Bool)? = nil) -> ReplyAddress {
        ReplyAddress(replyTo: replyTo, names: TopologyNames(prefix: "uploads"), matches: matches)
    }

    @Test(
        "without a pattern is any queue but the broker's and the worker's",
        arguments: [
            ("replies", .queue("replies")), ("uploads.replies", .queue("uploads.replies")), ("é /", .queue("é /")),
            ("amqp", .queue("amqp")), (direct, .directReply(direct)), (nil, .results), ("", .results),
            ("amq.rabbitmq.reply-to", .results), ("amq.rabbitmq.reply-tox", .results), ("amq.gen-x", .results),
            ("amq.", .results), ("amq.direct", .results), ("uploads", .results), ("uploads.start", .results),
            ("uploads.results", .results), ("uploads.dead", .results), ("uploads.retry.1000", .results),
        ] as [(String?, ReplyAddress)]
    )
    func standard(replyTo: String?, address: ReplyAddress) {
        #expect(Self.address(replyTo) == address)
    }

    @Test(
        "with a pattern is what that matches, the worker's own names never",
        arguments: [
            ("amq.gen-x", .queue("amq.gen-x")), (direct, .directReply(direct)), ("uploads.start", .results),
            ("uploads.dead", .results), ("", .results), (nil, .results),
        ] as [(String?, ReplyAddress)]
    )
    func everything(replyTo: String?, address: ReplyAddress) {
        #expect(Self.address(replyTo) { _ in true } == address)
        #expect(Self.address(replyTo) { _ in false } == .results)
    }

    @Test("asks the pattern about the whole name")
    func wholeName() {
        #expect(Self.address("replies.a") { $0 == "replies.a" } == .queue("replies.a"))
        #expect(Self.address(Self.direct) { $0 == "amq.rabbitmq.reply-to" } == .directReply(Self.direct))
        #expect(Self.address("amq.gen-x") { $0 == "amq.rabbitmq.reply-to" } == .results)
    }
}
