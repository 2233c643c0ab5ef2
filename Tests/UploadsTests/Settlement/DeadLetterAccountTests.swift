import FoundationEssentials
import Testing

@testable import Uploads

@Suite("What a dead letter tells of itself")
struct DeadLetterAccountTests {
    private static let names = TopologyNames(prefix: "uploads")
    private static let died = Date(timeIntervalSince1970: 1_800_000_000)
    private static let diedText = "2027-01-15T08:00:00Z"
    private static let own: [String: HeaderValue] = [
        "upload-error-code": .text("storage_rejected"),
        "upload-error-message": .text("no"),
        "upload-attempts": .integer(5),
        "upload-origin-queue": .text("uploads.abort"),
        "upload-first-failed-at": .text("first"),
        "upload-last-failed-at": .text("last"),
        "upload-replays": .integer(2),
    ]

    private static func account(
        _ headers: [String: HeaderValue] = [:],
        _ deaths: DeadLetterAccount.Death...
    ) -> DeadLetterAccount {
        DeadLetterAccount(headers: headers, deaths: deaths, names: self.names)
    }

    private static func death(_ queue: String, _ reason: String) -> DeadLetterAccount.Death {
        DeadLetterAccount.Death(queue: queue, reason: reason, at: self.died)
    }

    @Test("is what the worker wrote, wherever the letter was kept since")
    func own() {
        for account in [Self.account(Self.own), Self.account(Self.own, Self.death("parked", "expired"))] {
            #expect(account.code == "storage_rejected")
            #expect(account.message == "no")
            #expect(account.attempts == 5)
            #expect(account.queue == "uploads.abort")
            #expect(account.firstFailedAt == "first")
            #expect(account.lastFailedAt == "last")
            #expect(account.replays == 2)
        }
    }

    @Test("is the broker's reason, queue and time where the worker wrote nothing")
    func brokers() {
        let account = Self.account([:], Self.death("uploads.start", "delivery_limit"))
        #expect(account.code == "delivery_limit")
        #expect(account.queue == "uploads.start")
        #expect(account.firstFailedAt == Self.diedText)
        #expect(account.lastFailedAt == Self.diedText)
        #expect(account.attempts == nil)
        #expect(account.message == nil)
        #expect(account.replays == nil)
    }

    @Test("is the broker's word where it set the request aside, whatever the requester wrote into the headers")
    func forged() {
        for deaths in [
            [Self.death("uploads.start", "rejected")],
            [Self.death("uploads.start", "rejected"), Self.death("uploads.abort", "delivery_limit")],
            [Self.death("parked", "expired"), Self.death("uploads.start", "rejected")],
        ] {
            let account = DeadLetterAccount(headers: Self.own, deaths: deaths, names: Self.names)
            #expect(account.queue == "uploads.start")
            #expect(account.code == "rejected")
            #expect(account.message == nil)
            #expect(account.attempts == nil)
            #expect(account.firstFailedAt == Self.diedText)
            #expect(account.lastFailedAt == Self.diedText)
            #expect(account.replays == 2)
        }
    }

    @Test("is of the newest death in a request queue, or of the newest at all")
    func deaths() {
        let retry = Self.death("uploads.retry.1000", "expired")
        let newer = Self.account([:], retry, Self.death("uploads.abort", "rejected"), Self.death("uploads.start", "x"))
        #expect(newer.queue == "uploads.abort")
        #expect(newer.code == "rejected")
        #expect(Self.account([:], retry).queue == "uploads.retry.1000")
    }

    @Test("takes no time of a death for that of a failure that the worker knew")
    func times() {
        let account = Self.account(["upload-error-code": .text("c")], Self.death("parked", "expired"))
        #expect(account.lastFailedAt == nil)
        #expect(account.firstFailedAt == nil)
        #expect(account.queue == "parked")
    }

    @Test("is nothing where there is nothing, or nothing of the right kind")
    func nothing() {
        let wrong = Self.own.mapValues { value -> HeaderValue in
            if case .text = value { .integer(1) } else { .text("many") }
        }
        for account in [Self.account(), Self.account(wrong)] {
            #expect(account == Self.account())
            #expect(account.queue == nil)
            #expect(account.code == nil)
            #expect(account.replays == nil)
        }
    }

    @Test(
        "counts replays from one, and again where the count is forged",
        arguments: [
            (nil, 1), (0, 1), (1, 2), (2_147_483_646, 2_147_483_647), (2_147_483_647, 1), (-1, 1), (.min, 1), (.max, 1),
        ] as [(Int64?, Int64)]
    )
    func replays(before: Int64?, after: Int64) {
        let headers = before.map { ["upload-replays": HeaderValue.integer($0)] } ?? [:]
        #expect(Self.account(headers).nextReplays == after)
    }
}
