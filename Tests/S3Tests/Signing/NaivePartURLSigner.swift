import Foundation
import Hashing

@testable import S3

/// The same URLs put together as texts, every one from the start: the measure that `PartURLSigner` is held against.
struct NaivePartURLSigner {
    let location: BucketLocation
    let key: String
    let uploadID: String
    let credentials: Credentials
    let region: String
    let date: SigningDate
    let lifetime: Int

    func url(part: Int) -> String {
        let day = String(decoding: self.date.dayText, as: UTF8.self)
        let moment = String(decoding: self.date.text, as: UTF8.self)
        let scope = "\(day)/\(self.region)/s3/aws4_request"
        let path = String(decoding: self.location.objectPath(key: self.key), as: UTF8.self)
        let query = [
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"), ("X-Amz-Credential", "\(self.credentials.accessKeyID)/\(scope)"),
            ("X-Amz-Date", moment), ("X-Amz-Expires", String(self.lifetime)), ("X-Amz-SignedHeaders", "host"),
            ("partNumber", String(part)), ("uploadId", self.uploadID),
        ]
        .map { "\($0)=\(Self.encoded($1))" }.sorted().joined(separator: "&")
        let canonical = ["PUT", path, query, "host:\(self.location.authority)", "", "host", "UNSIGNED-PAYLOAD"]
            .joined(separator: "\n")
        let text = ["AWS4-HMAC-SHA256", moment, scope, Self.hexadecimal(Self.hash(canonical))].joined(separator: "\n")
        var key = Array("AWS4\(self.credentials.secretAccessKey)".utf8)
        for step in [day, self.region, "s3", "aws4_request", text] {
            key = Self.code(step, key: key)
        }
        return "\(self.location.scheme)://\(self.location.authority)\(path)?\(query)&X-Amz-Signature="
            + Self.hexadecimal(key)
    }

    private static func encoded(_ text: String) -> String {
        text.utf8
            .map { URIEncoding.isUnreserved($0) ? String(UnicodeScalar($0)) : String(format: "%%%02X", Int($0)) }
            .joined()
    }

    private static func hash(_ text: String) -> [UInt8] {
        let digest = SHA256.hash(text.utf8.span.bytes)
        return digest.indices.map { digest[$0] }
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
