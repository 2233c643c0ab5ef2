extension BrokerURL {
    /// Reads `amqp[s]://[user[:password]@]host[:port][/vhost]`, percent escapes decoded.
    package init(parsing text: some StringProtocol) throws(BrokerURLError) {
        var rest = text[...]
        let usesTLS = try Self.takeScheme(from: &rest)
        guard !rest.contains("?"), !rest.contains("#") else { throw .unexpectedPart("query or fragment") }

        var virtualHost = "/"
        if let slash = rest.firstIndex(of: "/") {
            let path = rest[rest.index(after: slash)...]
            guard !path.contains("/") else { throw .unexpectedPart("a second / in the path; a virtual host's is %2f") }
            if !path.isEmpty { virtualHost = try percentDecoded(path) }
            rest = rest[..<slash]
        }

        var user = "guest"
        var password = "guest"
        if let at = rest.lastIndex(of: "@") {
            let login = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = try percentDecoded(login[0])
            password = login.count > 1 ? try percentDecoded(login[1]) : ""
            rest = rest[rest.index(after: at)...]
        }

        let (host, port) = try Self.splitAddress(rest)
        self.init(
            host: host,
            port: port,
            user: user,
            password: password,
            virtualHost: virtualHost,
            usesTLS: usesTLS
        )
    }

    private static func takeScheme<Text: StringProtocol>(from rest: inout Text) throws(BrokerURLError) -> Bool
    where Text.SubSequence == Text {
        guard let end = rest.firstRange(of: "://") else { throw .unknownScheme }
        let scheme = rest[..<end.lowerBound].lowercased()
        rest = rest[end.upperBound...]
        switch scheme {
        case "amqp": return false
        case "amqps": return true
        default: throw .unknownScheme
        }
    }

    /// Splits `host`, `host:port`, `[v6]` or `[v6]:port`.
    private static func splitAddress(_ address: some StringProtocol) throws(BrokerURLError) -> (String, UInt16?) {
        let host: String
        var rest: Substring
        if address.hasPrefix("[") {
            guard let end = address.firstIndex(of: "]") else { throw .missingHost }
            host = String(address[address.index(after: address.startIndex)..<end])
            rest = Substring(address[address.index(after: end)...])
        } else {
            let end = address.firstIndex(of: ":") ?? address.endIndex
            host = try percentDecoded(address[..<end])
            rest = Substring(address[end...])
        }
        guard !host.isEmpty, !host.utf8.contains(0) else { throw .missingHost }
        guard !rest.isEmpty else { return (host, nil) }
        guard rest.removeFirst() == ":", rest.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(rest), port > 0
        else { throw .invalidPort }
        return (host, port)
    }
}

private func percentDecoded(_ text: some StringProtocol) throws(BrokerURLError) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8.makeIterator()
    while let byte = rest.next() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        guard let high = rest.next().flatMap(hexDigit), let low = rest.next().flatMap(hexDigit) else {
            throw .invalidEscape
        }
        bytes.append(high << 4 | low)
    }
    // The C library takes these as C strings.
    guard let decoded = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else { throw .invalidEscape }
    return decoded
}

private func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
