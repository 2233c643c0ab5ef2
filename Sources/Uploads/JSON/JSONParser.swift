/// Reads RFC 8259 to the letter, in one pass: no comments, no trailing commas, no byte order mark, nothing after
/// the value, no name twice in an object.
///
/// Depth is checked before going down, so that hostile nesting costs neither stack nor time.
struct JSONParser {
    static let maxDepth = 16

    let bytes: [UInt8]
    var position = 0
    private var depth = 0

    static func parse(_ bytes: [UInt8]) throws(JSONFault) -> JSONValue {
        guard !bytes.isEmpty else { throw .empty }
        guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else { throw .byteOrderMark }
        var parser = JSONParser(bytes: bytes)
        parser.skipSpace()
        let value = try parser.value()
        parser.skipSpace()
        guard parser.next == nil else { throw parser.unexpected("the end") }
        return value
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    var next: UInt8? { self.position < self.bytes.count ? self.bytes[self.position] : nil }

    func unexpected(_ expected: String) -> JSONFault {
        .unexpected(expected: expected, offset: self.position)
    }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard self.next == byte else { return false }
        self.position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = self.next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            self.position += 1
        }
    }

    private mutating func value() throws(JSONFault) -> JSONValue {
        guard let byte = self.next else { throw self.unexpected("a value") }
        switch byte {
        case UInt8(ascii: "\""): return .string(try self.string())
        case UInt8(ascii: "{"): return .object(try self.nested { parser throws(JSONFault) in try parser.object() })
        case UInt8(ascii: "["): return .array(try self.nested { parser throws(JSONFault) in try parser.array() })
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try self.number())
        case UInt8(ascii: "t"): return try self.word("true", .bool(true))
        case UInt8(ascii: "f"): return try self.word("false", .bool(false))
        case UInt8(ascii: "n"): return try self.word("null", .null)
        default: throw self.unexpected("a value")
        }
    }

    private mutating func nested<Content>(
        _ read: (inout JSONParser) throws(JSONFault) -> Content
    ) throws(JSONFault) -> Content {
        guard self.depth < Self.maxDepth else { throw .tooDeep(maxDepth: Self.maxDepth) }
        self.depth += 1
        self.position += 1
        self.skipSpace()
        let content = try read(&self)
        self.depth -= 1
        return content
    }

    private mutating func object() throws(JSONFault) -> JSONObject {
        var object = JSONObject()
        if self.skip(UInt8(ascii: "}")) { return object }
        repeat {
            self.skipSpace()
            let name = try self.stringBytes()
            self.skipSpace()
            guard self.skip(UInt8(ascii: ":")) else { throw self.unexpected("a colon") }
            self.skipSpace()
            guard object.insert(name, try self.value()) else {
                throw .duplicateName(String(decoding: name, as: UTF8.self))
            }
            self.skipSpace()
        } while self.skip(UInt8(ascii: ","))
        guard self.skip(UInt8(ascii: "}")) else { throw self.unexpected("a comma or a closing brace") }
        return object
    }

    private mutating func array() throws(JSONFault) -> [JSONValue] {
        var elements: [JSONValue] = []
        if self.skip(UInt8(ascii: "]")) { return elements }
        repeat {
            self.skipSpace()
            elements.append(try self.value())
            self.skipSpace()
        } while self.skip(UInt8(ascii: ","))
        guard self.skip(UInt8(ascii: "]")) else { throw self.unexpected("a comma or a closing bracket") }
        return elements
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONFault) -> JSONValue {
        for index in 0..<word.utf8CodeUnitCount {
            guard self.skip(word.utf8Start[index]) else { throw self.unexpected("\(word)") }
        }
        return value
    }
}
