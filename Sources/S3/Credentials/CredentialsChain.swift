internal import FoundationEssentials

/// The sources that every AWS SDK knows, in their order: environment variables, web identity, the shared files' profile,
/// the container's endpoint, the instance's metadata. The first that is set up is the one: none is passed over since it
/// fails.
struct CredentialsChain: Redacted, Sendable {
    struct Finding: Sendable, Equatable {
        let source: CredentialsSource
        /// What else was looked at, where the source is nothing but the last resort: nobody has set it up.
        var looked: String?
    }

    let environment: [String: String]

    func find() throws(CredentialsError) -> Finding {
        if let exported = try self.exported() { return Finding(source: .given(exported, by: "environment")) }
        let files = try SharedFiles(environment: self.environment)
        let service = try TokenService(environment: self.environment, profile: files.chosen)
        if let identity = try WebIdentity(environment: self.environment, service: service) {
            return Finding(source: .webIdentity(identity))
        }
        let profiles = ProfileSources(files: files, service: service, chain: self)
        if let source = try profiles.source() { return Finding(source: source) }
        if let endpoint = try ContainerEndpoint(environment: self.environment) {
            return Finding(source: .container(endpoint))
        }
        let looked = self.looked(at: files)
        guard let metadata = try InstanceMetadata(environment: self.environment) else {
            throw CredentialsError("no credentials: \(looked), and AWS_EC2_METADATA_DISABLED is true; \(Self.wayOut)")
        }
        return Finding(source: .instance(metadata), looked: looked)
    }

    /// What is to be done where nothing is set up.
    static let wayOut = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"

    /// The keys in the environment.
    func exported() throws(CredentialsError) -> Credentials? {
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
        guard let date = Date(expiration: text) else {
            throw CredentialsError("AWS_CREDENTIAL_EXPIRATION is no time such as 2030-01-31T12:00:00Z")
        }
        return date
    }

    private func looked(at files: SharedFiles) -> String {
        let profile =
            files.chosen.exists
            ? "profile \(files.chosenName) has no aws_access_key_id and no role_arn"
            : "there is no profile \(files.chosenName) in \(files.paths.joined(separator: " and "))"
        return "AWS_ACCESS_KEY_ID, AWS_WEB_IDENTITY_TOKEN_FILE and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set, "
            + profile
    }
}
