import Testing

@testable import UploadWorker

@Suite("The memory of a replay's portion")
struct ReplayBudgetTests {
    @Test("holds at least one message, however large")
    func first() {
        let budget = ReplayBudget(bytes: 10)
        #expect(budget.take(1 << 20))
        #expect(!budget.take(0))
    }

    @Test(
        "is spent with the first message that does not fit, whatever comes after",
        arguments: [(4095, true), (4096, true), (4097, false)]
    )
    func limit(second: Int, fits: Bool) {
        let budget = ReplayBudget(bytes: 2 * 2048 + 8192)
        #expect(budget.take(4096))
        #expect(budget.take(second) == fits)
        #expect(!budget.take(4096))
        #expect(!budget.take(0))
    }
}
