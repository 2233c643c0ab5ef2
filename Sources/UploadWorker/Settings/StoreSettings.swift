import Foundation
import S3

struct StoreSettings: Sendable {
    var configuration: S3Configuration
    var credentials: RefreshingCredentials

    init(_ source: SettingsSource) throws(SettingError) {
        let bucket = try source.required("S3_BUCKET", "name the bucket that uploads go to, for example S3_BUCKET=media")
        let profile = try Self.profile(source)
        let named = EndpointSettings.named(service: "s3", environment: source.values, profile: profile)
        let endpoint = try named.first.flatMap { name, url throws(SettingError) in try Self.endpoint(name, url) }
        let minimumURLLife = try SessionSettings.minimumURLLife(source)
        self.credentials = RefreshingCredentials(environment: source.values, minimumLife: minimumURLLife)
        self.configuration = S3Configuration(
            bucket: bucket,
            region: try Self.region(source, hasCustomEndpoint: endpoint != nil, profile: profile),
            endpoint: endpoint,
            publicEndpoint: try Self.endpoint("S3_PUBLIC_ENDPOINT", source.text("S3_PUBLIC_ENDPOINT")),
            addressingStyle: try source.choice("S3_ADDRESSING_STYLE", default: S3Configuration.AddressingStyle.auto),
            timeout: try source.duration("S3_TIMEOUT", in: .milliseconds(1) ... .seconds(3600), default: .seconds(30)),
            caFile: try source.readableFile("AWS_CA_BUNDLE"),
            minimumURLLife: minimumURLLife
        )
        do {
            try self.configuration.check()
        } catch {
            throw SettingError(error.setting, value: source.text(error.setting), error.message)
        }
    }

    /// Looks for credentials now, and finds what every call to the store would otherwise stumble over.
    ///
    /// An endpoint that does not answer yet is asked a few times and is no fault of the settings.
    func checkCredentials() async throws(SettingError) {
        do throws(CredentialsError) {
            try await self.credentials.load()
        } catch {
            guard error.canPass, !error.nothingIsSetUp else {
                throw SettingError("AWS credentials", "cannot be had: \(error.message)")
            }
        }
    }

    private static func profile(_ source: SettingsSource) throws(SettingError) -> SharedProfile {
        do {
            return try SharedProfile(environment: source.values)
        } catch {
            throw SettingError("AWS_PROFILE", "cannot be read: \(error.message)")
        }
    }

    private static func endpoint(_ name: String, _ text: String?) throws(SettingError) -> Endpoint? {
        guard let text else { return nil }
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
        profile: SharedProfile
    ) throws(SettingError) -> String {
        let region = source.text("AWS_REGION") ?? source.text("AWS_DEFAULT_REGION") ?? profile.region
        guard let region else {
            if hasCustomEndpoint { return "us-east-1" }
            throw SettingError(
                "AWS_REGION",
                "is not set: name the bucket's region, for example AWS_REGION=eu-central-1"
            )
        }
        return region
    }
}
