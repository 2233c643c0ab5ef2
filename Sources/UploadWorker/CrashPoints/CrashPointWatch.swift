#if CRASH_POINTS
    import Foundation
    import Synchronization

    /// Counts the crash points that this process passes, and kills it at one of them.
    ///
    /// `UPLOAD_WORKER_CRASH_AT=name:n` names the point and the passing at which the process kills itself, as a crash would.
    /// `UPLOAD_WORKER_POINTS_LOG` names a file that gets a line for each point that the process passes for the first time.
    final class CrashPointWatch: Sendable {
        static let shared = CrashPointWatch(environment: ProcessInfo.processInfo.environment)

        private struct State {
            var passed = Set<CrashPoint>()
            var passingsLeft: Int
        }

        private let target: String?
        private let log: CInt?
        private let state: Mutex<State>

        private init(environment: [String: String]) {
            let target = environment["UPLOAD_WORKER_CRASH_AT"]?.split(separator: ":")
            self.target = target?.first.map(String.init)
            self.state = Mutex(State(passingsLeft: target?.last.flatMap { Int($0) } ?? 1))
            self.log = environment["UPLOAD_WORKER_POINTS_LOG"].map {
                open($0, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            }
        }

        func pass(_ point: CrashPoint) {
            let (isFirst, isLast) = self.state.withLock { state in
                if self.target == point.name { state.passingsLeft -= 1 }
                return (state.passed.insert(point).inserted, self.target == point.name && state.passingsLeft == 0)
            }
            if isFirst { self.note(point.name) }
            if isLast { kill(getpid(), SIGKILL) }
        }

        /// One write, so that lines of several processes do not mix and none is lost by a kill.
        private func note(_ name: String) {
            guard let log else { return }
            let line = Array("\(name)\n".utf8)
            _ = write(log, line, line.count)
        }
    }
#endif
