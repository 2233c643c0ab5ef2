import Foundation
import S3
import Testing

@testable import UploadWorker

@Suite("What the store's answers mean")
struct StoreFindingsTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    private static func findings(_ environment: [String: String] = [:], prefix: String = "users/") throws
        -> StoreFindings
    {
        let values = ["S3_BUCKET": "media", "AWS_REGION": "eu-central-1"].merging(environment) { _, new in new }
        let source = try SettingsSource(environment: values)
        return StoreFindings(
            settings: try StoreSettings(source),
            keyPrefix: prefix,
            sessions: try SessionSettings(source)
        )
    }

    private static func answer(_ code: String?, status: Int? = 400, region: String? = nil) -> BucketAnswer {
        let error = code.map {
            S3Error(operation: .listMultipartUploads, kind: .permanent, code: $0, message: "told", status: status)
        }
        return BucketAnswer(error: error, date: Self.now, region: region)
    }

    @Test(
        "judge the clock by what S3 takes",
        arguments: [
            (0, .ok), (60, .ok), (-60, .ok), (61, .warning), (-61, .warning), (899, .warning), (900, .failure),
            (-900, .failure), (86_400, .failure),
        ] as [(Double, CheckResult.Status)]
    )
    func clock(skew: Double, expected: CheckResult.Status) throws {
        var answer = Self.answer(nil)
        answer.serverDate = Self.now.addingTimeInterval(-skew - 0.5)
        let found = try #require(try Self.findings().clock(answer))
        #expect(found.status == expected)
        #expect(found.detail.contains("ahead") == (skew > 1))
    }

    @Test("say nothing of the clock where the server does not")
    func noClock() throws {
        #expect(try Self.findings().clock(Self.answer(nil)) == nil)
    }

    @Test(
        "sort refusals by what they are about",
        arguments: [
            (nil, .ok, .ok, .ok, false), ("NoSuchBucket", .ok, .ok, .failure, true),
            ("InvalidAccessKeyId", .failure, .ok, nil, true), ("SignatureDoesNotMatch", .failure, .ok, nil, true),
            ("ExpiredToken", .failure, .ok, nil, true), ("RequestTimeTooSkewed", .ok, .ok, nil, true),
            ("AuthorizationHeaderMalformed", .ok, .failure, nil, true), ("PermanentRedirect", .ok, .failure, nil, true),
            ("AccessDenied", .ok, .ok, .warning, false), ("InternalError", .ok, .ok, .failure, false),
        ] as [(String?, CheckResult.Status, CheckResult.Status, CheckResult.Status?, Bool)]
    )
    func refusals(
        code: String?,
        credentials: CheckResult.Status,
        region: CheckResult.Status,
        bucket: CheckResult.Status?,
        isFinal: Bool
    ) throws {
        let (findings, answer) = (try Self.findings(), Self.answer(code))
        let origin = CredentialsOrigin(source: "AWS_ACCESS_KEY_ID", expiresAt: nil, areTemporary: false)
        #expect(findings.credentials(origin, answer).status == credentials)
        #expect(findings.region(answer).status == region)
        #expect(findings.bucket(answer)?.status == bucket)
        #expect(StoreFindings.isFinal(answer, region: "eu-central-1") == isFinal)
    }

    @Test("name the right region, where the store does")
    func region() throws {
        let named = try Self.findings().region(Self.answer("PermanentRedirect", region: "us-west-2"))
        #expect(named.remedy == "set AWS_REGION=us-west-2")
        let unnamed = try Self.findings().region(Self.answer("PermanentRedirect"))
        #expect(unnamed.remedy?.contains("the bucket's region") == true)
        #expect(try Self.findings().region(Self.answer("AccessDenied", region: "eu-central-1")).status == .ok)
        #expect(try Self.findings().region(Self.answer(nil, region: "us-west-2")).status == .ok)
    }

    @Test(
        "warn of a store without TLS elsewhere",
        arguments: [
            ("http://127.0.0.1:9000", .ok), ("http://store.example", .warning), ("https://store.example", .ok),
        ] as [(String, CheckResult.Status)]
    )
    func endpoint(url: String, expected: CheckResult.Status) throws {
        let findings = try Self.findings(["AWS_ENDPOINT_URL_S3": url])
        #expect(findings.endpoint(Self.answer(nil), address: url).status == expected)
        #expect(findings.endpoint(Self.answer("ConnectionFailed", status: nil), address: url).status == .failure)
    }

    @Test(
        "warn of CORS rules that keep ETag from browsers",
        arguments: [
            ([], .warning), ([CORSRule(origins: ["*"], methods: ["PUT"], exposedHeaders: ["ETag"])], .ok),
            ([CORSRule(origins: ["*"], methods: ["PUT"], exposedHeaders: ["eTag"])], .ok),
            ([CORSRule(origins: ["*"], methods: ["PUT"], exposedHeaders: ["*"])], .ok),
            ([CORSRule(origins: ["*"], methods: ["GET"], exposedHeaders: ["ETag"])], .warning),
            (
                [
                    CORSRule(origins: ["a"], methods: ["GET"], exposedHeaders: ["ETag"]),
                    CORSRule(origins: ["b"], methods: ["PUT"], exposedHeaders: []),
                ], .warning
            ),
        ] as [([CORSRule], CheckResult.Status)]
    )
    func cors(rules: [CORSRule], expected: CheckResult.Status) throws {
        #expect(try Self.findings().cors(.success(rules)).status == expected)
    }

    @Test("take what cannot be told for a warning")
    func unknown() throws {
        let error = S3Error(operation: .getBucketCors, kind: .permanent, code: "NotImplemented", status: 501)
        let (findings, head) = (try Self.findings(), Result<ObjectHead?, S3Error>.failure(error))
        #expect(findings.cors(.failure(error)).status == .warning)
        #expect(findings.lifecycle(.failure(error)).status == .warning)
        #expect(findings.objects(head).status == .failure)
    }

    @Test(
        "hold lifecycle rules against the keys and the life of sessions",
        arguments: [
            ([], "users/", "24h", .warning), ([("", 2)], "users/", "24h", .ok), ([("users/", 2)], "users/", "24h", .ok),
            ([("use", 2)], "users/", "24h", .ok), ([("users/42", 2)], "users/", "24h", .warning),
            ([("x", 2)], "users/", "24h", .warning), ([("", 1)], "users/", "24h", .warning),
            ([("", 1)], "users/", "23h", .ok), ([("", 7)], "users/", "7d", .warning), ([("", 8)], "users/", "7d", .ok),
            ([("", 3), ("users/42", 1)], "users/", "24h", .warning), ([("users/", 2)], "", "24h", .warning),
        ] as [([(String, Int)], String, String, CheckResult.Status)]
    )
    func lifecycle(rules: [(String, Int)], prefix: String, expiry: String, expected: CheckResult.Status) throws {
        let findings = try Self.findings(["URL_EXPIRY": expiry], prefix: prefix)
        let found = findings.lifecycle(.success(rules.map { AbortRule(prefix: $0.0, daysAfterInitiation: $0.1) }))
        #expect(found.status == expected)
        #expect(found.status == .ok || found.remedy?.contains("DaysAfterInitiation") == true)
    }

    @Test(
        "say how long URLs can live",
        arguments: [
            (nil, false, .ok, "1d"), (nil, true, .warning, "not known"), (90_000, false, .ok, "1d"),
            (86_460, false, .ok, "1d"), (86_459, false, .warning, "23h 59m"), (3660, true, .warning, "1h"),
            (960, true, .warning, "15m"), (959, true, .warning, "MIN_URL_LIFE"), (61, true, .warning, "1s"),
            (60, true, .failure, "end"), (-1, true, .failure, "end"),
        ] as [(Double?, Bool, CheckResult.Status, String)]
    )
    func urls(left: Double?, areTemporary: Bool, expected: CheckResult.Status, words: String) throws {
        let end = left.map { Self.now.addingTimeInterval($0) }
        let origin = CredentialsOrigin(source: "x", expiresAt: end, areTemporary: areTemporary)
        let found = try Self.findings().urls(origin, publicAddress: "https://media.example", now: Self.now)
        #expect(found.status == expected)
        #expect(found.detail.contains(words))
    }

    @Test(
        "round durations down",
        arguments: [
            (0, "0s"), (59, "59s"), (60, "1m"), (61, "1m 1s"), (3600, "1h"), (3601, "1h"), (86_399, "23h 59m"),
            (90_061, "1d 1h"),
        ]
    )
    func rough(seconds: Int, text: String) {
        #expect(Duration.seconds(seconds).roughText == text)
    }
}
