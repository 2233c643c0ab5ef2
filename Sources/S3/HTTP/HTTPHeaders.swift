/// The header lines of an answer, split once and read on demand: few of them are ever asked for.
package struct HTTPHeaders: Sendable {
    private let fields: [(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)]

    init(lines: [UInt8]) {
        self.fields = lines.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            return (line[..<colon], Self.trimmed(line[(colon + 1)...]))
        }
    }

    /// The first value of that header, trimmed; `name` in lower case.
    package subscript(name: String) -> String? {
        for (field, value) in self.fields where Self.isEqual(field, name) {
            return String(decoding: value, as: UTF8.self)
        }
        return nil
    }

    /// Values by lower-case name behind the prefix; of a repeated header the first.
    func values(prefixed prefix: String) -> [String: String] {
        var values: [String: String] = [:]
        for (field, value) in self.fields where Self.isEqual(field.prefix(prefix.utf8.count), prefix) {
            let rest = String(decoding: field.dropFirst(prefix.utf8.count).map(Self.lowerCased), as: UTF8.self)
            if values[rest] == nil { values[rest] = String(decoding: value, as: UTF8.self) }
        }
        return values
    }

    private static func isEqual(_ field: ArraySlice<UInt8>, _ name: String) -> Bool {
        field.count == name.utf8.count && zip(field, name.utf8).allSatisfy { self.lowerCased($0) == $1 }
    }

    private static func lowerCased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    private static func trimmed(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var value = value.drop(while: self.isBlank)
        while let last = value.last, self.isBlank(last) { value.removeLast() }
        return value
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }
}
