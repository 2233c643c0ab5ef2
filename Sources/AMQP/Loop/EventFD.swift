import CRabbitMQ
import Glibc

/// Wakes a thread that waits in `poll`.
final class EventFD: Sendable {
    let descriptor: Int32

    /// Nil when the process has no file descriptors left.
    init?() {
        self.descriptor = crabbitmq_eventfd()
        guard self.descriptor >= 0 else { return nil }
    }

    deinit {
        close(self.descriptor)
    }

    func ring() {
        var one: UInt64 = 1
        // Fails only when the counter is full, and then the bell rings already.
        _ = write(self.descriptor, &one, MemoryLayout<UInt64>.size)
    }

    func silence() {
        var count: UInt64 = 0
        // Fails only when nobody rang.
        _ = read(self.descriptor, &count, MemoryLayout<UInt64>.size)
    }
}
