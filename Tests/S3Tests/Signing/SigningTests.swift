import Foundation
import Testing

@testable import S3

@Suite struct SigningTests {
    @Test("Part URLs are botocore's", arguments: try SignatureFixture.load().partURLs)
    func partURL(expected: SignatureFixture.PartURL) throws {
        let signer = PartURLSigner(
            location: try expected.target.location(),
            key: try #require(expected.target.key),
            uploadID: expected.uploadID,
            signingKey: expected.target.signingKey,
            date: expected.target.signingDate,
            lifetime: expected.expires
        )
        let url = try #require(signer.urls(parts: expected.part...expected.part).first).text
        let halves = url.split(separator: "?", maxSplits: 1)
        #expect(halves.first.map(String.init) == expected.base)
        #expect(halves.last?.split(separator: "&").map(String.init).sorted() == expected.query)
    }

    @Test("Requests are signed as botocore does", arguments: try SignatureFixture.load().requests)
    func request(expected: SignatureFixture.Request) throws {
        let request = S3Request(
            operation: .headBucket,
            method: try #require(S3Request.Method(rawValue: expected.method)),
            key: expected.target.key,
            query: expected.query.map { ($0[0], $0[1]) },
            headers: expected.headers.map { ($0[0], $0[1]) },
            body: Array(expected.body.utf8)
        )
        let signed = RequestSigner(location: try expected.target.location())
            .sign(request, with: expected.target.signingKey, at: expected.target.signingDate)
        #expect(Self.lines(of: signed).last == "authorization: \(expected.authorization)")
        #expect(signed.url.last == 0)
    }

    @Test("Many URLs from one signer are those of one at a time")
    func states() throws {
        let signer = try Self.signer(lifetime: 60)
        let together = signer.urls(parts: 1...200)
        #expect(Set(together).count == 200)
        for part in 1...200 {
            #expect(signer.urls(parts: part...part) == [together[part - 1]])
        }
    }

    @Test("AWS's published example of a presigned URL")
    func publishedURL() {
        let signer = PresignedURLSigner(
            method: "GET",
            location: Self.example,
            key: "test.txt",
            signingKey: Self.exampleKey,
            date: Self.exampleDate,
            lifetime: 86400
        )
        var scratch: [UInt8] = []
        #expect(
            signer.url(rest: [], scratch: &scratch) == """
                https://examplebucket.s3.amazonaws.com/test.txt\
                ?X-Amz-Algorithm=AWS4-HMAC-SHA256\
                &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
                &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
                &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404
                """
        )
    }

    @Test("AWS's published example of a signed request")
    func publishedRequest() {
        let request = S3Request(
            operation: .headObject,
            method: .get,
            key: "test.txt",
            headers: [("range", "bytes=0-9")]
        )
        let signed = RequestSigner(location: Self.example).sign(request, with: Self.exampleKey, at: Self.exampleDate)
        #expect(
            Self.lines(of: signed) == [
                "host: examplebucket.s3.amazonaws.com",
                "range: bytes=0-9",
                "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "x-amz-date: 20130524T000000Z",
                "authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
                    + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
                    + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            ]
        )
        #expect(signed.url == Array("https://examplebucket.s3.amazonaws.com/test.txt\0".utf8))
    }

    @Test("A signing key is derived again for another day and for other credentials, not within the day")
    func keyCache() {
        let cache = SigningKeyCache(region: "us-east-1")
        let lastSecond = SigningDate(Date(timeIntervalSince1970: 86399))
        let nextDay = SigningDate(Date(timeIntervalSince1970: 86400))
        let other = Credentials(accessKeyID: "other", secretAccessKey: "secret")
        #expect(cache.key(for: Self.credentials, at: lastSecond).scope.starts(with: "19700101/".utf8))
        #expect(cache.key(for: Self.credentials, at: nextDay).scope.starts(with: "19700102/".utf8))
        #expect(cache.key(for: other, at: nextDay).credentials == other)
        #expect(cache.key(for: Self.credentials, at: nextDay).credentials == Self.credentials)
    }

    @Test("Dates agree with Foundation's calendar over two centuries")
    func dates() {
        for day in stride(from: 0, to: 365 * 200, by: 13) {
            let date = Date(timeIntervalSince1970: Double(day * 86400 + day % 86400))
            let expected = date.formatted(.iso8601).replacing("-", with: "").replacing(":", with: "")
            #expect(String(decoding: SigningDate(date).text, as: UTF8.self) == expected)
        }
    }

    private static let credentials = Credentials(
        accessKeyID: "AKIAIOSFODNN7EXAMPLE",
        secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    )
    private static let exampleDate = SigningDate(Date(timeIntervalSince1970: 1_369_353_600))
    private static let exampleKey = SigningKey(credentials: credentials, region: "us-east-1", date: exampleDate)
    private static let example = BucketLocation(
        bucket: "examplebucket",
        custom: Endpoint(scheme: .https, host: "s3.amazonaws.com", port: nil, pathPrefix: ""),
        region: "us-east-1",
        style: .virtual
    )

    private static func signer(lifetime: Int) throws -> PartURLSigner {
        PartURLSigner(
            location: Self.example,
            key: "key",
            uploadID: String(repeating: "u", count: 120),
            signingKey: Self.exampleKey,
            date: Self.exampleDate,
            lifetime: lifetime
        )
    }

    private static func lines(of request: HTTPRequest) -> [String] {
        request.headers.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }
}
