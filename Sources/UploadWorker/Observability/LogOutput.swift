import Foundation
import Logging
import Synchronization

/// Standard error, written a whole line at a time.
///
/// Logging never holds the worker up: a line that a full pipe does not take is dropped, and a pipe that nobody reads any
/// more is not an error of the worker's.
final class LogOutput: Sendable {
    static let standardError = LogOutput(descriptor: STDERR_FILENO)

    private let descriptor: CInt
    /// One writer at a time, so that what `poll` says still holds for the write after it.
    private let turn = Mutex(())

    init(descriptor: CInt) { self.descriptor = descriptor }

    func write(_ line: String) {
        var line = line
        line.withUTF8 { bytes in
            self.turn.withLock { _ in self.write(UnsafeRawBufferPointer(bytes)) }
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        while let start = rest.baseAddress, !rest.isEmpty {
            // A pipe that is writable takes this much without blocking (pipe(7), PIPE_BUF).
            guard self.isWritable else { return }
            let written = Foundation.write(self.descriptor, start, min(rest.count, Int(PIPE_BUF)))
            if written < 0 && errno == EINTR { continue }
            if written <= 0 { return }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
        }
    }

    private var isWritable: Bool {
        var wanted = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&wanted, 1, 0) == 1 && wanted.revents & Int16(POLLOUT) != 0
    }
}

enum LogTime {
    /// RFC 3339 in UTC with milliseconds.
    static func now() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var parts = tm()
        var seconds = time.tv_sec
        gmtime_r(&seconds, &parts)
        let fields = [parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec].map { field in
            field < 10 ? "0\(field)" : "\(field)"
        }
        let milliseconds = String(1000 + time.tv_nsec / 1_000_000).dropFirst()
        return
            "\(parts.tm_year + 1900)-\(fields[0])-\(fields[1])T\(fields[2]):\(fields[3]):\(fields[4]).\(milliseconds)Z"
    }
}

enum LogFields {
    /// The handler's metadata and the event's, the event's winning, in the order of their keys.
    static func merged(
        _ metadata: Logger.Metadata,
        _ event: LogEvent
    ) -> [(key: String, value: Logger.MetadataValue)] {
        var all = metadata
        if let span = Span.current {
            all["trace_id"] = "\(span.trace.traceID)"
            all["span_id"] = "\(span.idText)"
        }
        if let own = event.metadata { all.merge(own) { _, wins in wins } }
        if let error = event.error { all["error.message"] = "\(error)" }
        return all.sorted { $0.key < $1.key }
    }
}
