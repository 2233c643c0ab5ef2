import Foundation
import Logging

/// One JSON object a line on standard error: `time`, `level`, `message`, then the metadata under its own dotted keys.
struct JSONLogHandler: LogHandler {
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]
    let label: String
    let output: LogOutput

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line =
            #"{"time":"\#(LogTime.now())","level":"\#(event.level.rawValue)","logger":"\#(self.label)","message":"#
        line.append(jsonString: event.message.description)
        for (key, value) in LogFields.merged(self.metadata, event) {
            line += ","
            line.append(jsonString: key)
            line += ":"
            line.append(json: value)
        }
        line += "}\n"
        self.output.write(line)
    }
}

extension String {
    fileprivate mutating func append(json value: Logger.MetadataValue) {
        switch value {
        case .string(let text): self.append(jsonString: text)
        case .stringConvertible(let number as Int): self += "\(number)"
        case .stringConvertible(let number as Double) where number.isFinite: self += "\(number)"
        case .stringConvertible(let flag as Bool): self += flag ? "true" : "false"
        case .stringConvertible(let other): self.append(jsonString: other.description)
        case .array(let values):
            self += "["
            for (index, value) in values.enumerated() {
                if index > 0 { self += "," }
                self.append(json: value)
            }
            self += "]"
        case .dictionary(let members):
            self += "{"
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { self += "," }
                self.append(jsonString: member.key)
                self += ":"
                self.append(json: member.value)
            }
            self += "}"
        }
    }

    fileprivate mutating func append(jsonString text: String) {
        self += "\""
        // Most texts hold nothing to escape and are taken over whole.
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            self += text
            self += "\""
            return
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": self += "\\\""
            case "\\": self += "\\\\"
            case "\n": self += "\\n"
            case "\u{0}"..."\u{1F}":
                let hex = String(scalar.value, radix: 16)
                self += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: self.unicodeScalars.append(scalar)
            }
        }
        self += "\""
    }
}
