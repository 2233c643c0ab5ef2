import Foundation
import Hashing

/// Presigns as it is mostly written: each URL by itself, over strings and with Foundation's encoding.
struct NaiveSigner {
    static let sample = NaiveSigner(
        accessKeyID: "AKIAIOSFODNN7EXAMPLE",
        secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        region: "eu-central-1",
        host: "uploads.s3.eu-central-1.amazonaws.com"
    )

    let accessKeyID: String
    let secretAccessKey: String
    let region: String
    let host: String

    /// `moment` as in `20231114T221320Z`.
    func url(path: String, uploadID: String, part: Int, moment: String) -> String {
        let day = String(moment.prefix(8))
        let scope = "\(day)/\(self.region)/s3/aws4_request"
        let query = [
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": "\(self.accessKeyID)/\(scope)",
            "X-Amz-Date": moment, "X-Amz-Expires": "86400", "X-Amz-SignedHeaders": "host",
            "partNumber": String(part), "uploadId": uploadID,
        ]
        .map { "\($0)=\(Self.encoded($1))" }.sorted().joined(separator: "&")
        let canonical = "PUT\n\(path)\n\(query)\nhost:\(self.host)\n\nhost\nUNSIGNED-PAYLOAD"
        let hash = SHA256.hash(canonical.utf8.span.bytes)
        let text = "AWS4-HMAC-SHA256\n\(moment)\n\(scope)\n\(Self.hexadecimal(hash.indices.map { hash[$0] }))"
        let signature = [day, self.region, "s3", "aws4_request", text]
            .reduce(Array("AWS4\(self.secretAccessKey)".utf8)) { Self.code($1, key: $0) }
        return "https://\(self.host)\(path)?\(query)&X-Amz-Signature=\(Self.hexadecimal(signature))"
    }

    private static let unreserved = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~"))

    private static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: self.unreserved) ?? text
    }

    private static func code(_ text: String, key: [UInt8]) -> [UInt8] {
        var code = HMACSHA256(key: key.span.bytes)
        code.update(text)
        let digest = code.code()
        return digest.indices.map { digest[$0] }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { String(format: "%02x", Int($0)) }.joined()
    }
}
