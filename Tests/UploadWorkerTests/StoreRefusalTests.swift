import S3
import Testing

@testable import UploadWorker

@Suite("A store's refusal")
struct StoreRefusalTests {
    private static let refusal = StoreRefusal(bucket: "media", region: "eu-west-1", key: "users/check/probe")

    private static func error(_ code: String, _ status: Int?, _ message: String = "told to") -> S3Error {
        S3Error(operation: .completeMultipartUpload, kind: .permanent, code: code, message: message, status: status)
    }

    @Test(
        "names the thing, the value and the way out",
        arguments: [
            ("NoSuchBucket", 404, "no bucket media", "S3_BUCKET"),
            ("PermanentRedirect", 301, "media is not in eu-west-1", "AWS_REGION"),
            ("AuthorizationHeaderMalformed", 400, "media is not in eu-west-1", "AWS_REGION"),
            ("InvalidAccessKeyId", 403, "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID"),
            ("SignatureDoesNotMatch", 403, "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY"),
            ("RequestTimeTooSkewed", 403, "clock", "NTP"),
            ("AccessDenied", 403, "users/check/probe", "s3:PutObject"),
            ("AllAccessDisabled", 403, "AllAccessDisabled", "s3:PutObject"),
        ]
    )
    func words(code: String, status: Int, thing: String, wayOut: String) {
        let reason = Self.refusal.reason(Self.error(code, status)) ?? ""
        #expect(reason.contains(thing))
        #expect(reason.contains(wayOut))
        #expect(!reason.contains("told to"))
    }

    @Test("names the bucket's region where the store does")
    func region() {
        let message = "the bucket is in eu-north-1, not in eu-west-1: set AWS_REGION=eu-north-1"
        #expect(Self.refusal.reason(Self.error("PermanentRedirect", 301, message)) == message)
    }

    @Test("says what was looked for where there are no credentials")
    func noCredentials() {
        let message = "AWS_WEB_IDENTITY_TOKEN_FILE names /run/token, which is not there"
        #expect(Self.refusal.reason(Self.error("NoCredentials", nil, message))?.contains(message) == true)
    }

    @Test("is none where it is of one request", arguments: [("NoSuchUpload", 404), ("InvalidArgument", 400)])
    func ofOne(code: String, status: Int) {
        #expect(Self.refusal.reason(Self.error(code, status)) == nil)
        #expect(!Self.error(code, status).refusesEverything)
    }
}
