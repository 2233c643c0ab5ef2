import Foundation
import Logging
import UnixSignals

/// The consumer has ended as asked: everything else may.
struct Stopped: Error {}

extension Worker {
    /// The first signal stops consuming and gives what is in flight its time; the second ends the process at once.
    func stopOnSignal() async throws {
        let stopping = AsyncStream.makeStream(of: Never.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in stopping.stream {}
                try await Task.sleep(for: self.settings.process.shutdownGrace)
                throw Stopped()
            }
            group.addTask {
                var isStopping = false
                for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
                    // At once: whatever is not acknowledged is delivered again.
                    if isStopping {
                        CrashPoint.stoppedAtOnce.pass()
                        _exit(1)
                    }
                    isStopping = true
                    self.logger.info("Stopping", metadata: ["process.signal": "\(signal)"])
                    self.connections.consumer.stop()
                    stopping.continuation.finish()
                }
            }
            while try await group.next() != nil {}
        }
    }

    func throwFailure() async throws {
        for await failure in self.failures { throw failure }
    }

    /// A connection being made may take its time-out to end; nothing is lost by not waiting for it.
    ///
    /// - Parameter failure: nil where the worker ends as asked.
    func endSoon(because failure: (any Error)? = nil) {
        DispatchQueue.global().asyncAfter(deadline: .now() + 3) {
            guard let failure else { _exit(0) }
            self.logger.critical("Ended without waiting for the rest", error: failure)
            _exit(CommandFailure.status(of: failure).rawValue)
        }
    }
}
