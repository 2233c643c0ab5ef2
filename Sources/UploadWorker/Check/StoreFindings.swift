import Foundation
import S3

/// What the store's answers mean for a worker.
struct StoreFindings {
    /// From here on S3 refuses calls: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-troubleshooting.html
    static let longestSkew = 900.0
    /// URLs are made to end this much before their credentials.
    static let harmlessSkew = 60.0

    let settings: StoreSettings
    /// What every key begins with.
    let keyPrefix: String
    let sessions: SessionSettings

    private var bucket: String { self.settings.configuration.bucket }
    private var region: String { self.settings.configuration.region }
}

extension StoreFindings {
    /// Whether every further call would only meet the same refusal.
    static func isFinal(_ answer: BucketAnswer, region: String) -> Bool {
        guard let error = answer.error else { return false }
        return error.status == nil || error.code == "NoSuchBucket" || error.isAboutTheCaller
            || answer.isOfAnotherRegion(than: region)
    }

    func credentials(_ origin: CredentialsOrigin, _ answer: BucketAnswer) -> CheckResult {
        guard let error = answer.error, error.areCredentialsRefused else {
            let end = origin.expiresAt.map { ", until \($0.formatted(.iso8601))" } ?? ""
            return .ok("store.credentials", "from \(origin.source)\(end)")
        }
        return .failure(
            "store.credentials",
            "the store refuses those from \(origin.source): \(error.code)",
            remedy: error.code.hasPrefix("Expired")
                ? "get new ones" : "check the access key id and its secret, and that they are of this store"
        )
    }

    func endpoint(_ answer: BucketAnswer, address: String) -> CheckResult {
        let name = "store.endpoint"
        if let error = answer.error, error.status == nil {
            return .failure(
                name,
                "\(address) gives no answer: \(error.message.isEmpty ? error.code : error.message)",
                remedy: "check AWS_ENDPOINT_URL_S3 (or AWS_REGION, for AWS itself), the network and AWS_CA_BUNDLE"
            )
        }
        if Self.isInTheClear(self.settings.configuration.endpoint) {
            return .warning(
                name,
                "\(address) answers without TLS: whoever listens can use the part URLs",
                remedy: "use an https endpoint in AWS_ENDPOINT_URL_S3"
            )
        }
        return .ok(name, "\(address) answers")
    }

    /// Where clients put their parts.
    var publicIsInTheClear: Bool {
        let configuration = self.settings.configuration
        return Self.isInTheClear(configuration.publicEndpoint ?? configuration.endpoint)
    }

    private static func isInTheClear(_ endpoint: Endpoint?) -> Bool {
        endpoint.map { $0.scheme == .http && !Loopback.contains($0.host) } ?? false
    }

    func region(_ answer: BucketAnswer) -> CheckResult {
        guard answer.isOfAnotherRegion(than: self.region) else { return .ok("store.region", self.region) }
        let actual = answer.region == self.region ? nil : answer.region
        return .failure(
            "store.region",
            actual.map { "the bucket is in \($0), not in \(self.region)" } ?? "the bucket is not in \(self.region)",
            remedy: "set AWS_REGION=\(actual ?? "the bucket's region")"
        )
    }

    /// Nil where the store did not come as far as the bucket.
    func bucket(_ answer: BucketAnswer) -> CheckResult? {
        let name = "store.bucket"
        guard let error = answer.error else { return .ok(name, self.bucket) }
        guard !error.isAboutTheCaller, !answer.isOfAnotherRegion(than: self.region) else { return nil }
        return switch error.code {
        case "NoSuchBucket":
            .failure(name, "there is no bucket \(self.bucket)", remedy: "create it, or name another one in S3_BUCKET")
        case "AccessDenied":
            .warning(
                name,
                "\(self.bucket): its open uploads may not be listed, so those that a lost answer leaves stay",
                remedy: "allow s3:ListBucketMultipartUploads"
            )
        default:
            .failure(name, "\(self.bucket): \(error)", remedy: "try again; if it stays, look into the store's log")
        }
    }

    func clock(_ answer: BucketAnswer) -> CheckResult? {
        guard let skew = answer.skew else { return nil }
        let seconds = Int(abs(skew).rounded())
        let side = skew > 0 ? "ahead of" : "behind"
        let remedy = "set this machine's clock by NTP"
        if abs(skew) >= Self.longestSkew {
            return .failure("store.clock", "\(seconds) s \(side) the store: it refuses such calls", remedy: remedy)
        }
        if abs(skew) > Self.harmlessSkew {
            return .warning(
                "store.clock",
                "\(seconds) s \(side) the store: part URLs end at another time",
                remedy: remedy
            )
        }
        return .ok("store.clock", seconds < 2 ? "as the store's" : "\(seconds) s \(side) the store")
    }
}

extension StoreFindings {
    func objects(_ head: Result<ObjectHead?, S3Error>) -> CheckResult {
        switch head {
        case .success: .ok("store.objects", "an object that is not there is said to be missing")
        case .failure(let error) where error.code == "AccessDenied":
            .warning(
                "store.objects",
                "403 for an object that is not there: one that was never completed cannot be told from a hidden one",
                remedy: "allow s3:GetObject and s3:ListBucket"
            )
        case .failure(let error):
            .failure("store.objects", "\(error)", remedy: "allow s3:GetObject and s3:ListBucket, or try again")
        }
    }

    func cors(_ rules: Result<[CORSRule], S3Error>) -> CheckResult {
        let name = "store.cors"
        let remedy = "allow PUT from your pages' origins and expose the header ETag; without browsers there is no need"
        switch rules {
        case .failure(let error):
            return .warning(
                name,
                "cannot tell whether browsers may read ETag (\(error.code))",
                remedy: "allow s3:GetBucketCORS, or see for yourself that the CORS rules expose ETag"
            )
        case .success(let rules) where rules.isEmpty:
            return .warning(name, "no CORS rules: browsers cannot put parts", remedy: remedy)
        case .success(let rules):
            let puts = rules.filter { $0.methods.contains("PUT") || $0.methods.contains("*") }
            guard !puts.isEmpty else { return .warning(name, "no CORS rule allows PUT", remedy: remedy) }
            let exposing = puts.filter { $0.exposedHeaders.contains { $0 == "*" || $0.lowercased() == "etag" } }
            guard !exposing.isEmpty else {
                return .warning(name, "no CORS rule for PUT exposes ETag, which complete needs", remedy: remedy)
            }
            let origins = exposing.flatMap(\.origins).joined(separator: ", ")
            return .ok(name, "pages of \(origins) may put parts and read ETag")
        }
    }

    func lifecycle(_ rules: Result<[AbortRule], S3Error>) -> CheckResult {
        let name = "store.lifecycle"
        let sessionEnd = self.sessions.urlExpiry + self.sessions.expiryGrace
        let days = Int((sessionEnd.inSeconds / 86400).rounded(.up)) + 1
        let remedy = "add a lifecycle rule AbortIncompleteMultipartUpload with DaysAfterInitiation \(days)"
        switch rules {
        case .failure(let error):
            return .warning(
                name,
                "cannot tell whether the store aborts forgotten uploads (\(error.code))",
                remedy: "allow s3:GetLifecycleConfiguration, or see for yourself that such a rule is there"
            )
        case .success(let rules):
            let touching = rules.filter { $0.prefix.hasPrefix(self.keyPrefix) || self.keyPrefix.hasPrefix($0.prefix) }
            if let shortest = touching.map(\.daysAfterInitiation).min(), Double(shortest) * 86400 < sessionEnd.inSeconds
            {
                return .warning(
                    name,
                    "uploads are aborted after \(shortest) d, while sessions live \(sessionEnd.settingText)",
                    remedy: "raise DaysAfterInitiation to \(days), or lower URL_EXPIRY and EXPIRY_GRACE"
                )
            }
            guard let covering = touching.first(where: { self.keyPrefix.hasPrefix($0.prefix) }) else {
                let place = self.keyPrefix.isEmpty ? "" : " under \(self.keyPrefix)"
                return .warning(name, "no rule aborts forgotten uploads\(place): they stay, and cost", remedy: remedy)
            }
            return .ok(name, "forgotten uploads are aborted after \(covering.daysAfterInitiation) d")
        }
    }

    /// How long URLs can live, given the end of the credentials that sign them.
    func urls(_ origin: CredentialsOrigin, publicAddress: String, now: Date) -> CheckResult {
        let name = "store.urls"
        let asked = self.sessions.urlExpiry
        let wayOut = "use credentials that live longer, or lower URL_EXPIRY"
        guard let end = origin.expiresAt else {
            guard origin.areTemporary else {
                return .ok(name, "part URLs lead to \(publicAddress) and live \(asked.settingText), as asked")
            }
            return .warning(
                name,
                "part URLs end with the temporary credentials, whose end is not known",
                remedy: "set AWS_CREDENTIAL_EXPIRATION, or use credentials without a session token"
            )
        }
        let left = Duration.seconds(Int(end.timeIntervalSince(now).rounded(.down)) - Int(Self.harmlessSkew))
        if left <= .zero {
            return .failure(name, "the credentials end at \(end.formatted(.iso8601))", remedy: "get new ones")
        }
        guard left < asked else {
            return .ok(name, "part URLs lead to \(publicAddress) and live \(asked.settingText), as asked")
        }
        let least = self.sessions.minimumURLLife
        let isTooShort = left < least ? ", less than MIN_URL_LIFE (\(least.settingText))" : ""
        return .warning(
            name,
            "part URLs live \(left.roughText)\(isTooShort), not \(asked.settingText): the credentials end then",
            remedy: wayOut
        )
    }
}

extension BucketAnswer {
    fileprivate func isOfAnotherRegion(than configured: String) -> Bool {
        guard let error else { return false }
        if error.isOfAnotherRegion { return true }
        return self.region.map { $0 != configured } ?? false
    }
}

extension S3Error {
    /// Refused for who asks, or when, whatever is asked.
    fileprivate var isAboutTheCaller: Bool { self.areCredentialsRefused || self.isOfTheClock }
}

extension Duration {
    /// For people: the two largest units that count, rounded down.
    var roughText: String {
        let seconds = Int(self.inSeconds)
        let units = [("d", 86400), ("h", 3600), ("m", 60), ("s", 1)]
        var rest = seconds
        var words: [String] = []
        for (unit, size) in units where words.count < 2 {
            let count = rest / size
            rest %= size
            if count > 0 { words.append("\(count)\(unit)") } else if !words.isEmpty { break }
        }
        return words.isEmpty ? "0s" : words.joined(separator: " ")
    }
}
