import Foundation
import Synchronization

@testable import S3

/// A clock that moves when somebody sleeps by it, and not otherwise.
final class MovingClock: Sendable {
    /// Rises when somebody sleeps who is not to wake.
    let sleeping = Counting()
    private let time = Mutex(Date(timeIntervalSince1970: 1_700_000_000))

    var now: Date { self.time.withLock { $0 } }

    func move(_ seconds: Double) {
        self.time.withLock { $0 += seconds }
    }

    /// - Parameter end: from then on who sleeps does so until cancelled.
    func refreshing(until end: Date = .distantFuture) -> RefreshClock {
        RefreshClock(
            now: { self.now },
            sleep: { duration in
                if self.now >= end {
                    self.sleeping.add()
                    for await _ in AsyncStream<Never>.makeStream().stream {}
                    return
                }
                self.move(duration / .seconds(1))
            },
            random: { 1 }
        )
    }
}
