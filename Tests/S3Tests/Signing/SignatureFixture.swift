import Foundation
import Testing

@testable import S3

/// `Fixtures/signatures.json`: what botocore signs; `make-signatures.py` beside it writes it.
struct SignatureFixture: Decodable {
    struct PartURL: Decodable, Sendable, CustomTestStringConvertible {
        let target: Target
        let uploadID: String
        let part: Int
        let expires: Int
        let base: String
        let query: [String]

        var testDescription: String { "part \(self.part) of \(self.base.prefix(80)), \(self.uploadID.prefix(40))" }
    }

    struct Request: Decodable, Sendable, CustomTestStringConvertible {
        let target: Target
        let method: String
        let query: [[String]]
        let headers: [[String]]
        let body: String
        let authorization: String

        var testDescription: String { "\(self.method) \(self.target.key ?? "") \(self.query)" }
    }

    /// What every case has: the place, the credentials and the moment.
    struct Target: Decodable, Sendable {
        let key: String?
        let endpoint: String
        let bucket: String
        let style: String
        let region: String
        let accessKeyID: String
        let secretAccessKey: String
        let sessionToken: String?
        let date: Double
    }

    let partURLs: [PartURL]
    let requests: [Request]

    static func load() throws -> SignatureFixture {
        try Fixture.decode(Self.self, from: "signatures.json")
    }
}

extension SignatureFixture.Target {
    var signingDate: SigningDate { SigningDate(Date(timeIntervalSince1970: self.date)) }

    var signingKey: SigningKey {
        SigningKey(
            credentials: Credentials(
                accessKeyID: self.accessKeyID,
                secretAccessKey: self.secretAccessKey,
                sessionToken: self.sessionToken
            ),
            region: self.region,
            date: self.signingDate
        )
    }

    func location() throws -> BucketLocation {
        BucketLocation(
            bucket: self.bucket,
            custom: try Endpoint(parsing: self.endpoint),
            region: self.region,
            style: self.style == "path" ? .path : .virtual
        )
    }
}

extension SignatureFixture.PartURL {
    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Field.self)
        self.target = try SignatureFixture.Target(from: decoder)
        self.uploadID = try fields.decode(String.self, forKey: .uploadID)
        self.part = try fields.decode(Int.self, forKey: .part)
        self.expires = try fields.decode(Int.self, forKey: .expires)
        self.base = try fields.decode(String.self, forKey: .base)
        self.query = try fields.decode([String].self, forKey: .query)
    }

    private enum Field: String, CodingKey {
        case uploadID, part, expires, base, query
    }
}

extension SignatureFixture.Request {
    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Field.self)
        self.target = try SignatureFixture.Target(from: decoder)
        self.method = try fields.decode(String.self, forKey: .method)
        self.query = try fields.decode([[String]].self, forKey: .query)
        self.headers = try fields.decode([[String]].self, forKey: .headers)
        self.body = try fields.decode(String.self, forKey: .body)
        self.authorization = try fields.decode(String.self, forKey: .authorization)
    }

    private enum Field: String, CodingKey {
        case method, query, headers, body, authorization
    }
}
