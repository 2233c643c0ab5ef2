extension JSONParser {
    /// A string's characters; a lone surrogate, which only an escape can write, becomes U+FFFD.
    mutating func string() throws(JSONFault) -> String {
        let bytes = try self.stringBytes()
        return String(decoding: bytes.contains(0xED) ? Self.withoutSurrogates(bytes) : bytes, as: UTF8.self)
    }

    /// A string's bytes after unescaping: UTF-8, but that a lone surrogate stays one, so that names stay apart.
    ///
    /// Without an escape they are a slice of the body.
    mutating func stringBytes() throws(JSONFault) -> ArraySlice<UInt8> {
        let start = self.position
        guard self.skip(UInt8(ascii: "\"")) else { throw self.unexpected("a string") }
        var unescaped: [UInt8] = []
        var isEscaped = false
        while true {
            let run = self.plainRun()
            switch self.next {
            case UInt8(ascii: "\""):
                guard Self.isUTF8(self.bytes[start..<self.position]) else { throw .notUTF8(offset: start) }
                self.position += 1
                guard isEscaped else { return self.bytes[run] }
                unescaped += self.bytes[run]
                return unescaped[...]
            case UInt8(ascii: "\\"):
                self.position += 1
                isEscaped = true
                unescaped += self.bytes[run]
                try self.unescape(into: &unescaped)
            default:
                throw self.unexpected("no control character and a closing quote")
            }
        }
    }

    /// The bytes up to a quote, a backslash, a control character or the end.
    private mutating func plainRun() -> Range<Int> {
        let start = self.position
        while let byte = self.next, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            self.position += 1
        }
        return start..<self.position
    }

    private mutating func unescape(into text: inout [UInt8]) throws(JSONFault) {
        switch self.next {
        case UInt8(ascii: "\""): text.append(UInt8(ascii: "\""))
        case UInt8(ascii: "\\"): text.append(UInt8(ascii: "\\"))
        case UInt8(ascii: "/"): text.append(UInt8(ascii: "/"))
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            self.position += 1
            Self.append(try self.escapedScalar(), to: &text)
            return
        default: throw self.unexpected("an escape that JSON knows")
        }
        self.position += 1
    }

    /// After `\u`: a scalar's code, or a lone surrogate's.
    private mutating func escapedScalar() throws(JSONFault) -> UInt32 {
        let high = try self.fourHexDigits()
        guard (0xD800...0xDBFF).contains(high) else { return high }
        let afterHigh = self.position
        if self.skip(UInt8(ascii: "\\")), self.skip(UInt8(ascii: "u")) {
            let low = try self.fourHexDigits()
            if (0xDC00...0xDFFF).contains(low) { return 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00) }
        }
        self.position = afterHigh
        return high
    }

    private mutating func fourHexDigits() throws(JSONFault) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = self.next, let digit = Self.hexDigit(byte) else { throw self.unexpected("a hex digit") }
            code = code << 4 | digit
            self.position += 1
        }
        return code
    }

    private static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// Three bytes for a surrogate too, as UTF-8 would write it if it might.
    private static func append(_ code: UInt32, to text: inout [UInt8]) {
        if let scalar = Unicode.Scalar(code) {
            text += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
        } else {
            text += [0xE0 | UInt8(code >> 12), 0x80 | UInt8(code >> 6 & 0x3F), 0x80 | UInt8(code & 0x3F)]
        }
    }

    private static func isUTF8(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { $0 < 0x80 } || String(validating: bytes, as: UTF8.self) != nil
    }

    private static func withoutSurrogates(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var clean = bytes
        for index in clean.indices.dropLast(2) where clean[index] == 0xED && clean[index + 1] >= 0xA0 {
            clean.replaceSubrange(index...index + 2, with: [0xEF, 0xBF, 0xBD])
        }
        return clean
    }
}
