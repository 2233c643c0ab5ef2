import Hashing

/// A secret's key for one day and region, with the scope that it is good for.
struct SigningKey: Sendable {
    /// The keyed state: copy, add the string to sign, take the code.
    let code: HMACSHA256
    /// `20130524/us-east-1/s3/aws4_request`
    let scope: [UInt8]
    let credentials: Credentials
    let day: Int

    init(credentials: Credentials, region: String, service name: String = "s3", date: SigningDate) {
        var secret = Array("AWS4".utf8)
        secret.append(credentials.secretAccessKey)
        let day = date.dayText
        let dated = HMACSHA256(key: secret.span.bytes).code(of: day)
        let regional = HMACSHA256(key: dated.span.bytes).code(of: Array(region.utf8))
        let service = HMACSHA256(key: regional.span.bytes).code(of: Array(name.utf8))
        let key = HMACSHA256(key: service.span.bytes).code(of: Array("aws4_request".utf8))
        self.code = HMACSHA256(key: key.span.bytes)
        var scope = day
        scope.append("/\(region)/\(name)/aws4_request")
        self.scope = scope
        self.credentials = credentials
        self.day = date.day
    }

    /// The keyed state after all of a string to sign but the hash of the canonical request.
    func stringToSign(at date: SigningDate) -> HMACSHA256 {
        var text = Array("AWS4-HMAC-SHA256\n".utf8)
        text.append(contentsOf: date.text)
        text.append(UInt8(ascii: "\n"))
        text.append(contentsOf: self.scope)
        text.append(UInt8(ascii: "\n"))
        var code = self.code
        code.update(text.span.bytes)
        return code
    }
}

extension HMACSHA256 {
    fileprivate func code(of message: [UInt8]) -> SHA256.Digest {
        var code = self
        code.update(message.span.bytes)
        return code.code()
    }
}
