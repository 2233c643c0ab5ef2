import Hashing

/// Writes presigned URLs of one object that differ in the end of their query alone.
///
/// What comes before that end is hashed once, in the canonical request and in the string to sign, and the states are
/// copied for each URL. Only `host` is signed, so that a client may send what headers it likes.
struct PresignedURLSigner: Sendable {
    private let hashedPrefix: SHA256
    private let keyedPrefix: HMACSHA256
    private let canonicalSuffix: [UInt8]
    private let urlPrefix: [UInt8]

    init(
        method: String,
        location: BucketLocation,
        key: String,
        signingKey: SigningKey,
        date: SigningDate,
        lifetime seconds: Int
    ) {
        let path = location.objectPath(key: key)
        let query = Self.query(signingKey: signingKey, date: date, seconds: seconds)
        var canonical = Array("\(method)\n".utf8)
        canonical.append(contentsOf: path)
        canonical.append(UInt8(ascii: "\n"))
        canonical.append(contentsOf: query)
        var hash = SHA256()
        hash.update(canonical.span.bytes)
        self.hashedPrefix = hash
        self.keyedPrefix = signingKey.stringToSign(at: date)
        self.canonicalSuffix = Array("\nhost:\(location.authority)\n\nhost\nUNSIGNED-PAYLOAD".utf8)

        var url = Array("\(location.scheme.rawValue)://\(location.authority)".utf8)
        url.append(contentsOf: path)
        url.append(UInt8(ascii: "?"))
        url.append(contentsOf: query)
        self.urlPrefix = url
    }

    /// The URL with `rest` at the end of its query: empty, or encoded parameters, each after an `&`, in order of their
    /// names, which come after `X-Amz-`.
    ///
    /// `scratch` saves an allocation where many are written in turn; what it holds does not matter.
    func url(rest: [UInt8], scratch: inout [UInt8]) -> String {
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: rest)
        scratch.append(contentsOf: self.canonicalSuffix)
        let signature = self.signature(canonicalEnd: scratch)

        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: self.urlPrefix)
        scratch.append(contentsOf: rest)
        scratch.append("&X-Amz-Signature=")
        scratch.append(hexadecimal: signature)
        return String(decoding: scratch, as: UTF8.self)
    }

    private func signature(canonicalEnd: [UInt8]) -> SHA256.Digest {
        var hash = self.hashedPrefix
        hash.update(canonicalEnd.span.bytes)
        let digits = hash.digest().hexadecimal
        var code = self.keyedPrefix
        code.update(digits.span.bytes)
        return code.code()
    }

    private static func query(signingKey: SigningKey, date: SigningDate, seconds: Int) -> [UInt8] {
        var query = Array("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=".utf8)
        URIEncoding.appendQuery(signingKey.credentials.accessKeyID, to: &query)
        query.append("%2F")
        URIEncoding.appendQuery(String(decoding: signingKey.scope, as: UTF8.self), to: &query)
        query.append("&X-Amz-Date=")
        query.append(contentsOf: date.text)
        query.append("&X-Amz-Expires=")
        query.append(decimal: seconds)
        if let token = signingKey.credentials.sessionToken {
            query.append("&X-Amz-Security-Token=")
            URIEncoding.appendQuery(token, to: &query)
        }
        query.append("&X-Amz-SignedHeaders=host")
        return query
    }
}
