/// Writes what AMQP frames are made of.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    mutating func number(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { self.bytes.append(contentsOf: $0) }
    }

    mutating func short(_ text: String) {
        self.number(UInt8(text.utf8.count))
        self.bytes.append(contentsOf: text.utf8)
    }

    mutating func long(_ text: String) {
        self.number(UInt32(text.utf8.count))
        self.bytes.append(contentsOf: text.utf8)
    }
}

/// Reads them.
struct WireReader {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        self.bytes = bytes[...]
    }

    mutating func number<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) -> Number {
        let size = MemoryLayout<Number>.size
        defer { self.bytes = self.bytes.dropFirst(size) }
        return self.bytes.prefix(size).reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
    }

    mutating func short() -> String {
        let size = Int(self.number(UInt8.self))
        defer { self.bytes = self.bytes.dropFirst(size) }
        return String(decoding: self.bytes.prefix(size), as: UTF8.self)
    }
}
