/// The lexical side of XML: names, text, references, and what is passed over.
struct XMLScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether the bytes are UTF-8, without the control characters that XML forbids.
    static func isText(_ bytes: [UInt8]) -> Bool {
        String(validating: bytes, as: UTF8.self) != nil
            && bytes.allSatisfy { $0 >= 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    }

    var isAtEnd: Bool { self.position == self.bytes.count }

    /// Passes over `token` where it is next.
    mutating func take(_ token: StaticString) -> Bool {
        let isNext = token.withUTF8Buffer { token in
            self.bytes[self.position...].starts(with: token)
        }
        if isNext { self.position += token.utf8CodeUnitCount }
        return isNext
    }

    mutating func expect(_ token: StaticString) throws(XMLError) {
        guard self.take(token) else { throw .malformed }
    }

    mutating func skipBlanks() {
        while let byte = self.next, Self.isBlank(byte) { self.position += 1 }
    }

    mutating func name() throws(XMLError) -> ArraySlice<UInt8> {
        let start = self.position
        guard let first = self.next, Self.startsName(first) else { throw .malformed }
        while let byte = self.next, Self.continuesName(byte) { self.position += 1 }
        return self.bytes[start..<self.position]
    }

    /// Everything before `end`, which is passed over.
    mutating func take(upTo end: StaticString) throws(XMLError) -> ArraySlice<UInt8> {
        let start = self.position
        while !self.isAtEnd {
            let here = self.position
            if self.take(end) { return self.bytes[start..<here] }
            self.position += 1
        }
        throw .malformed
    }

    /// The rest of a comment; two hyphens may only end it.
    mutating func skipComment() throws(XMLError) {
        _ = try self.take(upTo: "--")
        try self.expect(">")
    }

    /// The rest of a processing instruction or of the declaration.
    mutating func skipInstruction() throws(XMLError) {
        _ = try self.name()
        if self.take("?>") { return }
        guard let next, Self.isBlank(next) else { throw .malformed }
        _ = try self.take(upTo: "?>")
    }

    /// The rest of a start tag; whether it is an empty element's.
    mutating func skipAttributes() throws(XMLError) -> Bool {
        while true {
            let before = self.position
            self.skipBlanks()
            if self.take(">") { return false }
            if self.take("/>") { return true }
            guard self.position > before else { throw .malformed }
            _ = try self.name()
            self.skipBlanks()
            try self.expect("=")
            self.skipBlanks()
            try self.skipAttributeValue()
        }
    }

    private mutating func skipAttributeValue() throws(XMLError) {
        let quote = self.take("\"") ? UInt8(ascii: "\"") : UInt8(ascii: "'")
        if quote == UInt8(ascii: "'") { try self.expect("'") }
        var value: [UInt8] = []
        while let byte = self.next, byte != quote {
            if byte == UInt8(ascii: "<") { throw .malformed }
            if byte == UInt8(ascii: "&") {
                try self.reference(into: &value)
            } else {
                self.position += 1
            }
        }
        guard self.next == quote else { throw .malformed }
        self.position += 1
    }

    /// Text up to the next tag, with references replaced and line ends as `\n`.
    mutating func text() throws(XMLError) -> String {
        let start = self.position
        var text: [UInt8] = []
        while let byte = self.next, byte != UInt8(ascii: "<") {
            switch byte {
            case UInt8(ascii: "&"):
                try self.reference(into: &text)
            case UInt8(ascii: "\r"):
                self.position += 1
                if self.next != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
            case UInt8(ascii: ">") where self.bytes[start..<self.position].suffix(2).elementsEqual("]]".utf8):
                throw .malformed
            default:
                self.position += 1
                text.append(byte)
            }
        }
        guard !self.isAtEnd else { throw .malformed }
        return String(decoding: text, as: UTF8.self)
    }

    /// The rest of a CDATA section, with line ends as `\n`.
    mutating func characterData() throws(XMLError) -> String {
        var text: [UInt8] = []
        for byte in try self.take(upTo: "]]>") {
            if byte == UInt8(ascii: "\n"), text.last == UInt8(ascii: "\r") { text.removeLast() }
            text.append(byte)
        }
        return String(decoding: text.map { $0 == UInt8(ascii: "\r") ? UInt8(ascii: "\n") : $0 }, as: UTF8.self)
    }

    private mutating func reference(into text: inout [UInt8]) throws(XMLError) {
        for (name, character) in Self.entities where self.take(name) {
            return text.append(character)
        }
        let isHexadecimal = self.take("&#x")
        guard isHexadecimal || self.take("&#") else { throw .malformed }
        let digits = String(decoding: try self.take(upTo: ";"), as: UTF8.self)
        guard digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
            let value = UInt32(digits, radix: isHexadecimal ? 16 : 10), let scalar = Unicode.Scalar(value),
            value >= 0x20 || value == 0x09 || value == 0x0A || value == 0x0D
        else { throw .malformed }
        text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    private static let entities: [(StaticString, UInt8)] = [
        ("&quot;", UInt8(ascii: "\"")), ("&amp;", UInt8(ascii: "&")), ("&lt;", UInt8(ascii: "<")),
        ("&gt;", UInt8(ascii: ">")), ("&apos;", UInt8(ascii: "'")),
    ]

    private var next: UInt8? {
        self.isAtEnd ? nil : self.bytes[self.position]
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private static func startsName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"),
            UInt8(ascii: ":"), 0x80...:
            true
        default: false
        }
    }

    private static func continuesName(_ byte: UInt8) -> Bool {
        self.startsName(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: ".")
    }
}
