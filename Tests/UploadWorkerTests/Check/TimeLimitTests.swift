import Dispatch
import Synchronization
import Testing

@testable import UploadWorker

@Suite("A time limit")
struct TimeLimitTests {
    @Test("leaves what is in time alone")
    func inTime() async {
        #expect(await within(.seconds(60)) { 7 } == 7)
        #expect(await blocking(atMost: .seconds(60)) { 7 } == 7)
    }

    @Test("cancels what is late, and waits for its end")
    func late() async {
        let wasCancelled = Mutex(false)
        let value = await within(.milliseconds(1)) { () -> Int in
            let (stream, _) = AsyncStream.makeStream(of: Int.self)
            for await _ in stream {}
            wasCancelled.withLock { $0 = Task.isCancelled }
            return 7
        }
        #expect(value == nil)
        #expect(wasCancelled.withLock { $0 })
    }

    @Test("leaves behind what blocks a thread")
    func blocked() async {
        let gate = DispatchSemaphore(value: 0)
        let value = await blocking(atMost: .milliseconds(1)) { () -> Int in
            gate.wait()
            return 7
        }
        gate.signal()
        #expect(value == nil)
    }
}
