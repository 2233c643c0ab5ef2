import Foundation
import Synchronization

/// Shows how far an upload is: a bar that redraws itself on a terminal, a line for every finished part elsewhere.
final class UploadProgress: Sendable {
    private struct Sent {
        var bytes: [Int64]
        var lastDrawn = ContinuousClock.Instant.now
    }

    private let plan: PartPlan
    private let isTerminal: Bool
    private let sent: Mutex<Sent>
    private let output = LogOutput.standardError

    init(_ plan: PartPlan, isTerminal: Bool = isatty(STDERR_FILENO) == 1) {
        self.plan = plan
        self.isTerminal = isTerminal
        self.sent = Mutex(Sent(bytes: Array(repeating: 0, count: plan.partCount)))
    }

    /// - Parameter bytes: how many of the part's bytes are sent; less than before when it is put again.
    func part(_ number: Int, sent bytes: Int64) {
        let line = self.sent.withLock { sent -> String? in
            sent.bytes[number - 1] = bytes
            let now = ContinuousClock.Instant.now
            guard self.isTerminal, now - sent.lastDrawn > .milliseconds(100) else { return nil }
            sent.lastDrawn = now
            return self.bar(sent.bytes.reduce(0, +))
        }
        if let line { self.output.write(line) }
    }

    func partFinished(_ number: Int) {
        let range = self.plan.range(ofPart: number)
        let total = self.sent.withLock { sent in
            sent.bytes[number - 1] = Int64(range.count)
            return sent.bytes.reduce(0, +)
        }
        self.output.write(
            self.isTerminal ? self.bar(total) : "part \(number) of \(self.plan.partCount): \(range.count) bytes sent\n"
        )
    }

    /// Leaves the bar's line.
    func end() {
        if self.isTerminal { self.output.write("\n") }
    }

    private func bar(_ bytes: Int64) -> String {
        let width = 32
        let done = self.plan.size == 0 ? width : Int(bytes * Int64(width) / self.plan.size)
        let percent = self.plan.size == 0 ? 100 : bytes * 100 / self.plan.size
        let filled = String(repeating: "█", count: done) + String(repeating: "░", count: width - done)
        return "\r\(filled) \(percent)% of \(Self.megabytes(self.plan.size)) "
    }

    private static func megabytes(_ bytes: Int64) -> String { "\((bytes + (1 << 19)) >> 20) MiB" }
}
