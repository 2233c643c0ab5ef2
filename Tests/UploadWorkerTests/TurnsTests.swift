import Synchronization
import Testing

@testable import UploadWorker

@Suite("Turns")
struct TurnsTests {
    /// Counts those that are at it at the same time.
    private final class Crowd: Sendable {
        let now = Mutex(0)
        let most = Mutex(0)

        func enter() -> Int {
            let count = self.now.withLock {
                $0 += 1; return $0
            }
            self.most.withLock { $0 = max($0, count) }
            return count
        }

        func leave() { self.now.withLock { $0 -= 1 } }
    }

    @Test("are taken together, or alone")
    func exclusion() async {
        let turns = Turns()
        let crowd = Crowd()
        await withDiscardingTaskGroup { group in
            for number in 0..<1000 {
                let alone = number.isMultiple(of: 7)
                group.addTask {
                    await turns.take(alone: alone) {
                        let count = crowd.enter()
                        await Task.yield()
                        if alone {
                            #expect(count == 1)
                            #expect(crowd.now.withLock(\.self) == 1, "nobody came while one was alone")
                        }
                        crowd.leave()
                    }
                }
            }
        }
        #expect(crowd.now.withLock(\.self) == 0)
    }

    @Test("who is alone for too long goes on beside the others, another one alone included")
    func longestSolitude() async {
        let turns = Turns(longestSolitude: .milliseconds(20))
        let (mayEnd, end) = AsyncStream.makeStream(of: Void.self)
        let (begun, tell) = AsyncStream.makeStream(of: String.self)
        await withDiscardingTaskGroup { group in
            var names = begun.makeAsyncIterator()
            group.addTask {
                await turns.take(alone: true) {
                    tell.yield("hangs")
                    for await _ in mayEnd {}
                }
            }
            #expect(await names.next() == "hangs")
            await turns.take(alone: true) { tell.yield("alone") }
            await turns.take(alone: false) { tell.yield("beside") }
            #expect(await names.next() == "alone")
            #expect(await names.next() == "beside")
            end.finish()
        }
        await turns.take(alone: true) {}
        #expect(!turns.hasWaiting)
    }

    @Test("who wants to be alone waits for those who hang for so long, and no later one does", .timeLimit(.minutes(1)))
    func longestWait() async {
        let turns = Turns(longestSolitude: .milliseconds(20))
        let (mayEnd, end) = AsyncStream.makeStream(of: Void.self)
        let (begun, tell) = AsyncStream.makeStream(of: String.self)
        await withDiscardingTaskGroup { group in
            var names = begun.makeAsyncIterator()
            group.addTask {
                await turns.take(alone: false) {
                    tell.yield("hangs")
                    for await _ in mayEnd {}
                }
            }
            #expect(await names.next() == "hangs")
            group.addTask { await turns.take(alone: true) { tell.yield("alone") } }
            while !turns.hasWaiting { await Task.yield() }
            group.addTask { await turns.take(alone: false) { tell.yield("later") } }
            #expect(await names.next() == "alone")
            #expect(await names.next() == "later")
            await turns.take(alone: true) { tell.yield("alone again") }
            #expect(await names.next() == "alone again")
            end.finish()
        }
        // Who was waited for in vain is not counted twice when it ends.
        await turns.take(alone: false) { #expect(!turns.hasWaiting) }
        await turns.take(alone: true) {}
        #expect(!turns.hasWaiting)
    }

    @Test("who waits to be alone is not overtaken by those who come later")
    func order() async {
        let turns = Turns()
        let (mayEnd, end) = AsyncStream.makeStream(of: Void.self)
        let (begun, tell) = AsyncStream.makeStream(of: String.self)
        await withDiscardingTaskGroup { group in
            var names = begun.makeAsyncIterator()
            group.addTask {
                await turns.take(alone: false) {
                    tell.yield("first")
                    for await _ in mayEnd {}
                }
            }
            #expect(await names.next() == "first")
            group.addTask { await turns.take(alone: true) { tell.yield("alone") } }
            while !turns.hasWaiting { await Task.yield() }
            group.addTask { await turns.take(alone: false) { tell.yield("later") } }
            end.finish()
            #expect(await names.next() == "alone")
            #expect(await names.next() == "later")
        }
    }
}
