import Logging

/// One line for a person at a terminal: time, level, message, `key=value` pairs.
struct TextLogHandler: LogHandler {
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]
    let label: String
    let output: LogOutput

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = "\(LogTime.now()) \(event.level.rawValue.uppercased()) \(event.message)"
        for (key, value) in LogFields.merged(self.metadata, event) { line += " \(key)=\(value)" }
        // A requester's id must neither look like a line of its own nor steer the terminal.
        line.replace(#/[\u{0}-\u{1F}\u{7F}]/#) { match in
            match.output.unicodeScalars.map { $0.escaped(asASCII: true) }.joined()
        }
        self.output.write(line + "\n")
    }
}
