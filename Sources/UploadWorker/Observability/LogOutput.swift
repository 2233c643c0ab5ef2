import Foundation
import Logging

/// Standard error, written a whole line at a time. A pipe that nobody reads any more is not an error of the worker's.
struct LogOutput: Sendable {
    static let standardError = LogOutput(descriptor: STDERR_FILENO)
    let descriptor: CInt

    func write(_ line: String) {
        var line = line
        line.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while let start = rest.baseAddress, !rest.isEmpty {
                let written = Foundation.write(self.descriptor, start, rest.count)
                if written < 0 && errno == EINTR { continue }
                if written <= 0 { return }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
            }
        }
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
        if let own = event.metadata { all.merge(own) { _, wins in wins } }
        if let error = event.error { all["error.message"] = "\(error)" }
        return all.sorted { $0.key < $1.key }
    }
}
