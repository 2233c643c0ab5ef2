internal import FoundationEssentials
import Synchronization

/// The sources that every AWS SDK knows, in their order: environment variables, then the shared files' profile.
///
/// What is found is kept for good; nothing found is looked for again the next time.
package final class CredentialsChain: CredentialsProvider {
    private let environment: [String: String]
    private let found = Mutex<Credentials?>(nil)

    package init(environment: [String: String]) {
        self.environment = environment
    }

    package func credentials() async throws(CredentialsError) -> Credentials {
        if let found = self.found.withLock({ $0 }) { return found }
        let credentials: Credentials
        if let exported = try self.fromEnvironment() {
            credentials = exported
        } else {
            credentials = try self.fromProfile()
        }
        self.found.withLock { $0 = credentials }
        return credentials
    }

    private func fromEnvironment() throws(CredentialsError) -> Credentials? {
        let id = self.environment.setting("AWS_ACCESS_KEY_ID")
        let secret = self.environment.setting("AWS_SECRET_ACCESS_KEY")
        guard id != nil || secret != nil else { return nil }
        guard id != nil else { throw CredentialsError("AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is not") }
        guard secret != nil else { throw CredentialsError("AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not") }
        return try Credentials(
            accessKeyID: id,
            secretAccessKey: secret,
            sessionToken: self.environment.setting("AWS_SESSION_TOKEN"),
            expiresAt: self.expiration(),
            place: "the environment (AWS_ACCESS_KEY_ID and its companions)"
        )
    }

    /// The end of temporary credentials, where whoever exported them told it.
    private func expiration() throws(CredentialsError) -> Date? {
        guard let text = self.environment.setting("AWS_CREDENTIAL_EXPIRATION") else { return nil }
        guard let date = try? Date.ISO8601FormatStyle().parse(text) else {
            throw CredentialsError("AWS_CREDENTIAL_EXPIRATION is no time such as 2030-01-31T12:00:00Z")
        }
        return date
    }

    private func fromProfile() throws(CredentialsError) -> Credentials {
        let profile = try SharedProfile(environment: self.environment)
        if let credentials = try profile.credentials() { return credentials }
        let places = profile.paths.joined(separator: " and ")
        let looked =
            profile.exists
            ? "profile \(profile.name) has no aws_access_key_id" : "there is no profile \(profile.name) in \(places)"
        let unsupported = self.unsupportedSources(of: profile)
        let hint =
            unsupported.isEmpty
            ? "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
            : "\(unsupported.joined(separator: ", ")): not supported, give an access key instead"
        throw CredentialsError("no credentials: AWS_ACCESS_KEY_ID is not set, and \(looked); \(hint)")
    }

    private func unsupportedSources(of profile: SharedProfile) -> [String] {
        let variables = [
            "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        ]
        let settings = ["role_arn", "web_identity_token_file", "credential_process", "sso_session", "sso_start_url"]
        return variables.filter { self.environment.setting($0) != nil } + settings.filter { profile[$0] != nil }
    }
}
