import Foundation
import Synchronization

/// Shows how far a replay is: a bar that redraws itself on a terminal, nothing elsewhere.
final class ReplayProgress: Sendable {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let drawn = Mutex((at: ContinuousClock.now, isShown: false))

    func show(_ done: Int, of total: Int) {
        guard self.isTerminal, total > 0 else { return }
        let isDue = self.drawn.withLock { drawn in
            let now = ContinuousClock.now
            guard now - drawn.at > .milliseconds(100) || done == total else { return false }
            drawn = (now, true)
            return true
        }
        guard isDue else { return }
        let filled = min(32, done * 32 / total)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 32 - filled)
        LogOutput.standardError.write("\r\(bar) \(done) of \(total) ")
    }

    /// A line above the bar.
    func say(_ line: String) {
        self.end()
        LogOutput.standardError.write("\(line)\n")
    }

    /// Leaves the bar's line.
    func end() {
        let wasShown = self.drawn.withLock { drawn in
            defer { drawn.isShown = false }
            return drawn.isShown
        }
        if wasShown { LogOutput.standardError.write("\n") }
    }
}
