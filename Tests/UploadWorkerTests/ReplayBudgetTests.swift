import Testing

@testable import UploadWorker

@Suite("The memory of a replay")
struct ReplayBudgetTests {
    @Test("holds at least one message, however large")
    func first() {
        let budget = ReplayBudget(bytes: 10)
        #expect(budget.take(1 << 20))
        #expect(!budget.take(0))
    }

    @Test("is there again for the next message when one is held no more")
    func givenBack() {
        let budget = ReplayBudget(bytes: 2 * 2048 + 8192)
        for _ in 1...100 {
            #expect(budget.take(8192))
            budget.giveBack(8192)
        }
        #expect(budget.take(4096))
        #expect(budget.take(4096))
        #expect(!budget.take(4096))
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
