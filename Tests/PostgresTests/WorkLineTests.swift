#if PostgreSQL
    import Foundation
    import Synchronization
    import Testing

    @testable import Postgres

    @Suite("A line of work")
    struct WorkLineTests {
        private final class Told: Sendable {
            private let names = Mutex<[Int]>([])
            var all: [Int] { self.names.withLock { $0 } }

            func work(_ name: Int) -> Work {
                Work(run: { _ in {} }, fail: { _ in self.names.withLock { $0.append(name) } })
            }
        }

        private static let failure = PostgresError(.lost, "for a test")

        @Test("is taken in the order in which it came")
        func order() {
            let (line, told) = (WorkLine(threads: 1), Told())
            for name in 1...3 { line.post(told.work(name)) }
            for _ in 1...3 { line.next(for: 0)?.fail(Self.failure) }
            #expect(told.all == [1, 2, 3])
        }

        @Test("reaches a thread that waits, and ends it when closed")
        func wakes() async {
            let (line, told) = (WorkLine(threads: 2), Told())
            await withCheckedContinuation { ended in
                Thread {
                    while let work = line.next(for: 1) { work.fail(Self.failure) }
                    ended.resume()
                }.start()
                for name in 1...100 { line.post(told.work(name)) }
                line.close()
            }
            #expect(told.all == Array(1...100))
            #expect(line.next(for: 0).map { _ in true } == nil)
        }

        @Test("can be emptied by who has no connection")
        func takeAll() {
            let (line, told) = (WorkLine(threads: 1), Told())
            for name in 1...3 { line.post(told.work(name)) }
            for work in line.takeAll() { work.fail(Self.failure) }
            #expect(told.all == [1, 2, 3])
            #expect(line.takeAll().isEmpty)
        }
    }
#endif
