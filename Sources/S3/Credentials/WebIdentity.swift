/// A role for whoever holds a token of an identity provider, such as Kubernetes writes for a service account.
struct WebIdentity: Sendable, Equatable {
    static let action = "AssumeRoleWithWebIdentity"

    let roleARN: String
    let sessionName: RoleSessionName
    let tokenFile: TokenFile
    let service: TokenService

    /// The token is read for each call: it is written anew long before the role's credentials end.
    func fetch() async throws(CredentialsError) -> Credentials {
        try await self.service.credentials(Self.action, answering: self.request(token: self.tokenFile.read()))
    }

    /// Not signed: the token says who asks.
    func request(token: Secret) -> HTTPRequest {
        let fields = [
            ("RoleArn", self.roleARN), ("RoleSessionName", self.sessionName.text), ("WebIdentityToken", token.text),
        ]
        return HTTPRequest(
            method: .post,
            url: self.service.endpoint.url(path: "/"),
            headers: TokenService.formHeaders,
            body: TokenService.form(Self.action, fields)
        )
    }
}

extension WebIdentity {
    /// Nil where the environment speaks of no token.
    init?(environment: [String: String], service: TokenService) throws(CredentialsError) {
        guard let path = environment.setting("AWS_WEB_IDENTITY_TOKEN_FILE") else { return nil }
        guard let arn = environment.setting("AWS_ROLE_ARN") else {
            throw CredentialsError("AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not: name the role")
        }
        self.init(
            roleARN: arn,
            sessionName: try RoleSessionName(
                environment.setting("AWS_ROLE_SESSION_NAME"),
                setting: "AWS_ROLE_SESSION_NAME"
            ),
            tokenFile: TokenFile(path: path, setting: "AWS_WEB_IDENTITY_TOKEN_FILE"),
            service: service
        )
    }
}
