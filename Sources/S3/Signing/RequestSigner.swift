import Hashing

/// Signs calls in their headers: `host`, the body's hash, and every header that the call brings along.
struct RequestSigner: Sendable {
    let location: BucketLocation

    func sign(_ request: S3Request, with signingKey: SigningKey, at date: SigningDate) -> HTTPRequest {
        self.sign(
            request.method,
            path: request.key.map(self.location.objectPath) ?? self.location.rootPath,
            query: Self.encoded(request.query),
            headers: request.headers,
            body: request.body,
            with: signingKey,
            at: date
        )
    }

    /// - Parameters:
    ///   - query: Encoded, its names in order.
    ///   - headers: Names in lower case.
    func sign(
        _ method: S3Request.Method,
        path: [UInt8],
        query: [UInt8] = [],
        headers: [(name: String, value: String)],
        body: [UInt8],
        with signingKey: SigningKey,
        at date: SigningDate
    ) -> HTTPRequest {
        let bodyHash = Self.hash(of: body)
        let headers = self.signed(headers, credentials: signingKey.credentials, date: date, bodyHash: bodyHash)
        let names = headers.map(\.name).joined(separator: ";")

        var canonical = Array("\(method.rawValue)\n".utf8)
        canonical.reserveCapacity(1024)
        canonical.append(contentsOf: path)
        canonical.append(UInt8(ascii: "\n"))
        canonical.append(contentsOf: query)
        canonical.append(UInt8(ascii: "\n"))
        for header in headers {
            canonical.append(header.name)
            canonical.append(UInt8(ascii: ":"))
            canonical.append(header.value)
            canonical.append(UInt8(ascii: "\n"))
        }
        canonical.append("\n\(names)\n\(bodyHash)")

        var code = signingKey.stringToSign(at: date)
        let canonicalHash = SHA256.hash(canonical.span.bytes).hexadecimal
        code.update(canonicalHash.span.bytes)
        return HTTPRequest(
            method: method,
            url: self.url(path: path, query: query),
            headers: Self.lines(headers, signingKey: signingKey, names: names, signature: code.code()),
            body: body
        )
    }

    /// What is signed, by name. The values are as they go out: no space at either end, none doubled.
    private func signed(
        _ headers: [(name: String, value: String)],
        credentials: Credentials,
        date: SigningDate,
        bodyHash: String
    ) -> [(name: String, value: String)] {
        var headers = headers
        headers.append(("host", self.location.authority))
        headers.append(("x-amz-content-sha256", bodyHash))
        headers.append(("x-amz-date", String(decoding: date.text, as: UTF8.self)))
        if let token = credentials.sessionToken {
            headers.append(("x-amz-security-token", token))
        }
        headers.sort { $0.name < $1.name }
        return headers
    }

    private func url(path: [UInt8], query: [UInt8]) -> [UInt8] {
        var url = Array("\(self.location.scheme.rawValue)://\(self.location.authority)".utf8)
        url.append(contentsOf: path)
        if !query.isEmpty {
            url.append(UInt8(ascii: "?"))
            url.append(contentsOf: query)
        }
        url.append(0)
        return url
    }

    private static func encoded(_ query: [(name: String, value: String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, value) in query {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
            URIEncoding.appendQuery(name, to: &bytes)
            bytes.append(UInt8(ascii: "="))
            URIEncoding.appendQuery(value, to: &bytes)
        }
        return bytes
    }

    private static func lines(
        _ headers: [(name: String, value: String)],
        signingKey: SigningKey,
        names: String,
        signature: SHA256.Digest
    ) -> [UInt8] {
        var lines: [UInt8] = []
        lines.reserveCapacity(1024)
        for header in headers {
            lines.append(header.name)
            lines.append(": ")
            lines.append(header.value)
            lines.append(0)
        }
        lines.append("authorization: AWS4-HMAC-SHA256 Credential=")
        lines.append(signingKey.credentials.accessKeyID)
        lines.append(UInt8(ascii: "/"))
        lines.append(contentsOf: signingKey.scope)
        lines.append(", SignedHeaders=")
        lines.append(names)
        lines.append(", Signature=")
        lines.append(hexadecimal: signature)
        lines.append(0)
        return lines
    }

    private static func hash(of body: [UInt8]) -> String {
        guard !body.isEmpty else { return Self.hashOfNothing }
        var text: [UInt8] = []
        text.append(hexadecimal: SHA256.hash(body.span.bytes))
        return String(decoding: text, as: UTF8.self)
    }

    private static let hashOfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
}
