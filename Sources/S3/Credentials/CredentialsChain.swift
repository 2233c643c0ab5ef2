/// The sources that every AWS SDK knows, in their order: environment variables, then the shared files' profile.
package struct CredentialsChain: CredentialsProvider {
    private let environment: [String: String]

    package init(environment: [String: String]) {
        self.environment = environment
    }

    package func credentials() async throws(CredentialsError) -> Credentials {
        guard let id = self.environment["AWS_ACCESS_KEY_ID"], let secret = self.environment["AWS_SECRET_ACCESS_KEY"]
        else {
            throw CredentialsError("no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
        }
        return Credentials(
            accessKeyID: id,
            secretAccessKey: secret,
            sessionToken: self.environment["AWS_SESSION_TOKEN"]
        )
    }
}
