import Synchronization

/// How long to wait before spans are sent again: a second at first, then twice as long each time, with full jitter, or as
/// long as the collector asks; no more once all of it would be over the limit.
struct ExportPauses {
    private var left: Duration
    private var usual = Duration.seconds(1)

    init(longest: Duration) { self.left = longest }

    /// Counts what a try took.
    mutating func spend(_ time: Duration) { self.left -= time }

    /// - Parameter random: from 0 up to 1.
    /// - Returns: nil when it is time to give up.
    mutating func next(_ asked: Duration?, random: Double) -> Duration? {
        let pause = asked ?? self.usual * (0.5 + random / 2)
        guard self.left > .zero, pause <= self.left else { return nil }
        // A collector that asks for no pause at all still uses up the limit.
        self.left -= max(pause, .milliseconds(100))
        if asked == nil { self.usual = min(self.usual * 2, .seconds(60)) }
        return pause
    }
}

/// Whether spans are being lost, so that the log says so once.
final class ExportTrouble: Sendable {
    private let lasts = Mutex(false)

    /// True for the first in a row.
    func began() -> Bool {
        self.lasts.withLock { lasts in
            defer { lasts = true }
            return !lasts
        }
    }

    /// True where there was trouble.
    func ended() -> Bool {
        self.lasts.withLock { lasts in
            defer { lasts = false }
            return lasts
        }
    }
}
