/// Reads the XML that S3 servers answer with, in one pass over the bytes.
///
/// It takes a declaration, comments, processing instructions, CDATA, attributes (and drops them), the five named
/// entities and character references. It refuses a DOCTYPE, and with it every other entity, more levels than S3 uses,
/// and a body that ends early. Foundation's parser needs several times the time, and libxml2; it takes end tags that match
/// nothing, and some names end the process.
struct XMLReader {
    static let maxDepth = 16

    private var scanner: XMLScanner
    /// The elements open, from the root on, with their names as written: the body has no say in the stack's depth.
    private var open: [(name: ArraySlice<UInt8>, element: ResponseElement)] = []

    /// The root element of a whole document in UTF-8.
    static func read(_ bytes: [UInt8]) throws(XMLError) -> ResponseElement {
        guard XMLScanner.isText(bytes) else { throw .malformed }
        var reader = XMLReader(scanner: XMLScanner(bytes: bytes))
        return try reader.document()
    }

    private init(scanner: XMLScanner) {
        self.scanner = scanner
    }

    private mutating func document() throws(XMLError) -> ResponseElement {
        try self.prologue()
        guard self.scanner.take("<") else { throw .malformed }
        if let root = try self.startTag() { return try self.end(root) }
        while true {
            if let root = try self.content() { return try self.end(root) }
        }
    }

    /// Nothing but blanks, comments and instructions may follow the root.
    private mutating func end(_ root: ResponseElement) throws(XMLError) -> ResponseElement {
        try self.skipMiscellany()
        guard self.scanner.isAtEnd else { throw .malformed }
        return root
    }

    /// One piece of what is in the innermost element; the root, when the piece was its end.
    private mutating func content() throws(XMLError) -> ResponseElement? {
        if self.scanner.take("</") { return try self.endTag() }
        if self.scanner.take("<!--") {
            try self.scanner.skipComment()
        } else if self.scanner.take("<![CDATA[") {
            self.append(try self.scanner.characterData())
        } else if self.scanner.take("<?") {
            try self.scanner.skipInstruction()
        } else if self.scanner.take("<") {
            return try self.startTag()
        } else {
            self.append(try self.scanner.text())
        }
        return nil
    }

    private mutating func append(_ text: String) {
        self.open[self.open.count - 1].element.text += text
    }

    /// The root, where its tag ends it too.
    private mutating func startTag() throws(XMLError) -> ResponseElement? {
        if self.scanner.take("!") { throw .refused }
        let name = try self.scanner.name()
        guard self.open.count < Self.maxDepth else { throw .refused }
        let isEmpty = try self.scanner.skipAttributes()
        self.open.append((name, ResponseElement(name: Self.localPart(of: name))))
        return isEmpty ? self.close() : nil
    }

    private mutating func endTag() throws(XMLError) -> ResponseElement? {
        let name = try self.scanner.name()
        self.scanner.skipBlanks()
        try self.scanner.expect(">")
        guard self.open.last?.name.elementsEqual(name) == true else { throw .malformed }
        return self.close()
    }

    /// Hands the innermost element to the one around it; the root is returned.
    private mutating func close() -> ResponseElement? {
        guard let closed = self.open.popLast() else { return nil }
        guard !self.open.isEmpty else { return closed.element }
        self.open[self.open.count - 1].element.children.append(closed.element)
        return nil
    }

    private mutating func prologue() throws(XMLError) {
        _ = self.scanner.take("\u{FEFF}")
        // Servers that keep a connection alive with spaces send them before the declaration, where XML has none.
        try self.skipMiscellany()
    }

    private mutating func skipMiscellany() throws(XMLError) {
        while true {
            self.scanner.skipBlanks()
            if self.scanner.take("<?") {
                try self.scanner.skipInstruction()
            } else if self.scanner.take("<!--") {
                try self.scanner.skipComment()
            } else {
                return
            }
        }
    }

    private static func localPart(of name: ArraySlice<UInt8>) -> String {
        let colon = name.lastIndex(of: UInt8(ascii: ":"))
        return String(decoding: colon.map { name[($0 + 1)...] } ?? name, as: UTF8.self)
    }
}
