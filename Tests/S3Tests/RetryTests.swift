import FoundationEssentials
import Synchronization
import Testing

@testable import S3

@Suite struct RetryTests {
    @Test(
        "A pause is anything up to a bound that doubles and stops",
        arguments: [(1, 100), (2, 200), (3, 400), (5, 1600), (6, 2000), (7, 2000), (60, 2000)]
    )
    func bounds(attempt: Int, milliseconds: Int) {
        for share in [0, 0.25, 0.999] {
            let policy = RetryPolicy(tries: 100, random: { share })
            #expect(policy.delay(after: attempt, Self.error()) == .milliseconds(milliseconds) * share)
        }
    }

    @Test("There are as many tries as told", arguments: [(1, true), (2, true), (3, false), (4, false)])
    func tries(attempt: Int, isTriedAgain: Bool) {
        #expect((RetryPolicy().delay(after: attempt, Self.error()) != nil) == isTriedAgain)
    }

    @Test("Only what passes is tried again", arguments: S3Error.Kind.allCases)
    func kinds(kind: S3Error.Kind) {
        #expect((RetryPolicy().delay(after: 1, Self.error(kind)) != nil) == (kind == .passing))
    }

    @Test(
        "The budget pays a hundred retries, and half as many after time-outs",
        arguments: [("SlowDown", 100), (S3Error.timedOut, 50)]
    )
    func budget(code: String, count: Int) {
        let budget = RetryBudget()
        for _ in 0..<count { #expect(budget.pay(for: Self.error(code: code)) != nil) }
        #expect(budget.pay(for: Self.error(code: code)) == nil)
    }

    @Test("A success gives back what its retry cost, or one, and never more than there was")
    func refunds() {
        let budget = RetryBudget()
        budget.refund(nil)
        for _ in 0..<100 { _ = budget.pay(for: Self.error()) }
        for _ in 0..<4 { budget.refund(nil) }
        #expect(budget.pay(for: Self.error()) == nil)
        budget.refund(nil)
        let cost = budget.pay(for: Self.error())
        #expect(cost == 5)
        budget.refund(cost)
        #expect(budget.pay(for: Self.error()) == 5)
    }

    @Test("An empty budget ends the tries of a call")
    func emptyBudget() async throws {
        let scripts = Array(repeating: [ScriptedServer.Step.answer(503)], count: 250)
        try await withScriptedStore(scripts) { client, server in
            for _ in 0..<51 { await expect(kind: .passing) { try await client.create() } }
            // Fifty calls of three tries, then one of one.
            #expect(server.requests.count == 151)
        }
    }

    @Test("Credentials that the store takes for ended are renewed before the next try")
    func endedCredentials() async throws {
        let scripts: [[ScriptedServer.Step]] = [
            [.answer(400, Answer.error("ExpiredToken"))], [.answer(200, Answer.created)],
        ]
        try await withScriptedStore(scripts, credentials: NumberedCredentials()) { client, server in
            try await client.expectCreation()
            #expect(server.requests.map(\.signer) == ["id-0", "id-1"])
        }
    }

    @Test("Other failures leave the credentials as they are")
    func goodCredentials() async throws {
        let scripts: [[ScriptedServer.Step]] = [
            [.answer(503, Answer.error("SlowDown"))], [.answer(200, Answer.created)],
        ]
        try await withScriptedStore(scripts, credentials: NumberedCredentials()) { client, server in
            try await client.expectCreation()
            #expect(server.requests.map(\.signer) == ["id-0", "id-0"])
        }
    }

    private static func error(_ kind: S3Error.Kind = .passing, code: String = "SlowDown") -> S3Error {
        S3Error(operation: .listParts, kind: kind, code: code)
    }
}

/// Others each time they are renewed.
private final class NumberedCredentials: CredentialsProvider {
    private let renewals = Mutex(0)

    func credentials() -> Credentials {
        Credentials(accessKeyID: "id-\(self.renewals.withLock { $0 })", secretAccessKey: "s", sessionToken: "t")
    }

    func renew(until end: Date) async { self.renewals.withLock { $0 += 1 } }
}

extension ScriptedServer.Request {
    /// The access key id that signed it.
    fileprivate var signer: Substring? { self.head.firstMatch(of: #/Credential=([^/]*)//#)?.1 }
}
