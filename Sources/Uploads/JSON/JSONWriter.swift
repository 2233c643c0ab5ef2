/// Writes JSON into a byte buffer, faster than an encoder could.
///
/// The caller opens and closes; the writer puts in the commas.
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    package init(capacity: Int) {
        self.bytes.reserveCapacity(capacity)
    }

    package mutating func object(_ members: (inout JSONWriter) -> Void) {
        self.enclosed(UInt8(ascii: "{"), UInt8(ascii: "}"), members)
    }

    package mutating func array<Element>(_ elements: [Element], _ write: (inout JSONWriter, Element) -> Void) {
        self.enclosed(UInt8(ascii: "["), UInt8(ascii: "]")) { writer in
            for element in elements { write(&writer, element) }
        }
    }

    /// Must be followed by one value.
    package mutating func name(_ name: StaticString) {
        self.separate()
        self.bytes.append(UInt8(ascii: "\""))
        self.bytes.append(
            contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        )
        self.bytes.append(UInt8(ascii: "\""))
        self.bytes.append(UInt8(ascii: ":"))
        self.needsComma = false
    }

    /// The same, for a name that is not known beforehand.
    package mutating func name(text name: String) {
        self.string(name)
        self.bytes.append(UInt8(ascii: ":"))
        self.needsComma = false
    }

    package mutating func null() {
        self.separate()
        self.bytes += "null".utf8
    }

    package mutating func bool(_ value: Bool) {
        self.separate()
        self.bytes += (value ? "true" : "false").utf8
    }

    package mutating func integer(_ value: some BinaryInteger) {
        self.separate()
        self.bytes += String(value).utf8
    }

    /// A number that is finite: JSON has no word for others.
    package mutating func number(_ value: some BinaryFloatingPoint & CustomStringConvertible) {
        self.separate()
        self.bytes += value.description.utf8
    }

    package mutating func string(_ text: String) {
        self.separate()
        self.bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            if Self.needsEscapes(utf8) {
                for byte in utf8 { self.escaped(byte) }
            } else {
                self.bytes.append(contentsOf: utf8)
            }
        }
        self.bytes.append(UInt8(ascii: "\""))
    }

    private mutating func enclosed(_ open: UInt8, _ close: UInt8, _ content: (inout JSONWriter) -> Void) {
        self.separate()
        self.bytes.append(open)
        self.needsComma = false
        content(&self)
        self.bytes.append(close)
        self.needsComma = true
    }

    private mutating func separate() {
        if self.needsComma { self.bytes.append(UInt8(ascii: ",")) }
        self.needsComma = true
    }

    /// One pass without a branch, which the compiler turns into vector instructions.
    private static func needsEscapes(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
        var found: UInt8 = 0
        for byte in utf8 {
            found |= (byte < 0x20 ? 1 : 0) | (byte == 0x22 ? 1 : 0) | (byte == 0x5C ? 1 : 0)
        }
        return found != 0
    }

    private mutating func escaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): self.bytes += "\\\"".utf8
        case UInt8(ascii: "\\"): self.bytes += "\\\\".utf8
        case 0x0A: self.bytes += "\\n".utf8
        case 0x0D: self.bytes += "\\r".utf8
        case 0x09: self.bytes += "\\t".utf8
        case 0..<0x20:
            let hex = Array("0123456789abcdef".utf8)
            self.bytes += "\\u00".utf8
            self.bytes += [hex[Int(byte >> 4)], hex[Int(byte & 0x0F)]]
        default: self.bytes.append(byte)
        }
    }
}
