/// Percent-encoding as Signature V4 demands it.
enum URIEncoding {
    /// Letters, digits and `- . _ ~`: all that goes unencoded, a slash between segments apart.
    static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// A name or a value of a query.
    static func appendQuery(_ text: String, to bytes: inout [UInt8]) {
        for byte in text.utf8 {
            self.append(byte, to: &bytes)
        }
    }

    /// An object key as a path: its slashes stay, and nothing is taken out, `..` and `//` neither.
    static func appendPath(_ key: String, to bytes: inout [UInt8]) {
        for byte in key.utf8 {
            if byte == UInt8(ascii: "/") {
                bytes.append(byte)
            } else {
                self.append(byte, to: &bytes)
            }
        }
    }

    private static func append(_ byte: UInt8, to bytes: inout [UInt8]) {
        if self.isUnreserved(byte) {
            bytes.append(byte)
        } else {
            bytes.append(UInt8(ascii: "%"))
            bytes.append(self.upperCaseDigit(byte >> 4))
            bytes.append(self.upperCaseDigit(byte & 15))
        }
    }

    private static func upperCaseDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}
