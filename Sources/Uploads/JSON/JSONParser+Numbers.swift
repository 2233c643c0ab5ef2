extension JSONParser {
    /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
    mutating func number() throws(JSONFault) -> JSONNumber {
        let start = self.position
        _ = self.skip(UInt8(ascii: "-"))
        if !self.skip(UInt8(ascii: "0")) { try self.digits() }
        if self.skip(UInt8(ascii: ".")) { try self.digits() }
        if self.skip(UInt8(ascii: "e")) || self.skip(UInt8(ascii: "E")) {
            _ = self.skip(UInt8(ascii: "+")) || self.skip(UInt8(ascii: "-"))
            try self.digits()
        }
        return JSONNumber(literal: self.bytes[start..<self.position])
    }

    private mutating func digits() throws(JSONFault) {
        let start = self.position
        while let byte = self.next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { self.position += 1 }
        guard self.position > start else { throw self.unexpected("a digit") }
    }
}
