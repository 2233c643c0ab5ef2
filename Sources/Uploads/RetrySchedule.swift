/// The delays before a request that failed in a way that can pass is tried again, one retry each.
package struct RetrySchedule: Hashable, Sendable {
    package static let standard = RetrySchedule(milliseconds: [1000, 10_000, 60_000, 600_000])

    package let milliseconds: [Int]

    package init(milliseconds: [Int]) {
        self.milliseconds = milliseconds
    }

    /// nil when every retry is done.
    func delay(afterRetries retriesDone: Int) -> Int? {
        self.milliseconds.indices.contains(retriesDone) ? self.milliseconds[retriesDone] : nil
    }
}
