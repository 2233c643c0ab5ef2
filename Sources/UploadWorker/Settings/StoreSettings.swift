import Foundation
import S3

struct StoreSettings: Sendable {
    var configuration: S3Configuration
    var credentials: CredentialsChain

    init(_ source: SettingsSource) throws(SettingError) {
        let bucket = try Self.bucket(
            try source.required("S3_BUCKET", "name the bucket that uploads go to, for example S3_BUCKET=media")
        )
        let specific = try Self.endpoint("AWS_ENDPOINT_URL_S3", source)
        let general = try Self.endpoint("AWS_ENDPOINT_URL", source)
        let endpoint = specific ?? general
        self.credentials = CredentialsChain(environment: source.values)
        self.configuration = S3Configuration(
            bucket: bucket,
            region: try Self.region(source, hasCustomEndpoint: endpoint != nil, chain: self.credentials),
            endpoint: endpoint,
            publicEndpoint: try Self.endpoint("S3_PUBLIC_ENDPOINT", source),
            addressingStyle: try source.choice("S3_ADDRESSING_STYLE", default: S3Configuration.AddressingStyle.auto),
            timeout: try source.duration("S3_TIMEOUT", in: .milliseconds(1) ... .seconds(3600), default: .seconds(30)),
            caFile: try source.readableFile("AWS_CA_BUNDLE")
        )
    }

    /// Bucket names: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, older names included.
    private static func bucket(_ text: String) throws(SettingError) -> String {
        let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-".utf8)
        guard (3...255).contains(text.utf8.count), text.utf8.allSatisfy(allowed.contains), text != "..." else {
            throw SettingError("S3_BUCKET", value: text, "a bucket's name has 3 to 63 of a-z 0-9 . -")
        }
        return text
    }

    private static func endpoint(_ name: String, _ source: SettingsSource) throws(SettingError) -> Endpoint? {
        guard let text = source.text(name) else { return nil }
        do {
            return try Endpoint(parsing: text)
        } catch {
            // Not shown: a URL may hold a password.
            throw SettingError(name, "is not an endpoint (\(error)): give http://host:port or https://host")
        }
    }

    private static func region(
        _ source: SettingsSource,
        hasCustomEndpoint: Bool,
        chain: CredentialsChain
    ) throws(SettingError) -> String {
        let region = source.text("AWS_REGION") ?? source.text("AWS_DEFAULT_REGION")
        guard let region else {
            if hasCustomEndpoint { return "us-east-1" }
            throw SettingError(
                "AWS_REGION",
                "is not set: name the bucket's region, for example AWS_REGION=eu-central-1"
            )
        }
        guard region.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }) else {
            throw SettingError("AWS_REGION", value: region, "it must be a region's name, for example eu-central-1")
        }
        return region
    }
}
