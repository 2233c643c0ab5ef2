internal import FoundationEssentials

/// AWS's Security Token Service, which gives credentials of roles.
struct TokenService: Sendable, Equatable {
    static let version = "2011-06-15"

    let endpoint: Endpoint
    let region: String
    var caFile: String?

    /// The region's own, unless a setting names another.
    init(environment: [String: String], profile: SharedProfile) throws(CredentialsError) {
        let region =
            environment.setting("AWS_REGION") ?? environment.setting("AWS_DEFAULT_REGION") ?? profile.region
        self.region = region ?? "us-east-1"
        self.caFile = environment.setting("AWS_CA_BUNDLE")
        let settings = EndpointSettings.named(service: "sts", environment: environment, profile: profile)
        if let (name, url) = settings.first {
            self.endpoint = try Self.endpoint(url, setting: name)
            return
        }
        self.endpoint = region.map { .aws("sts", region: $0) } ?? .globalTokenService
    }

    init(endpoint: Endpoint, region: String) {
        self.endpoint = endpoint
        self.region = region
    }

    /// The credentials in the answer to this call.
    func credentials(_ action: String, answering request: HTTPRequest) async throws(CredentialsError) -> Credentials {
        let response: HTTPResponse
        do throws(TransferFailure) {
            response = try await HTTPClient.sendOnce(request, settings: .tokenService(caFile: self.caFile))
        } catch {
            throw CredentialsError("\(action) at \(self.endpoint.authority) failed: \(error.message)", canPass: true)
        }
        return try Self.credentials(action, in: response, place: self.endpoint.authority)
    }

    /// The body of a call.
    static func form(_ action: String, _ fields: [(name: String, value: String)]) -> [UInt8] {
        var body = Array("Action=\(action)&Version=\(Self.version)".utf8)
        for (name, value) in fields {
            body.append("&\(name)=")
            URIEncoding.appendQuery(value, to: &body)
        }
        return body
    }

    static let formHeaders = [(name: "content-type", value: "application/x-www-form-urlencoded; charset=utf-8")]

    private static func endpoint(_ text: String, setting: String) throws(CredentialsError) -> Endpoint {
        do {
            return try Endpoint(parsing: text)
        } catch {
            throw CredentialsError("\(setting) is not an endpoint (\(error)): give http://host:port or https://host")
        }
    }
}

extension TokenService {
    static func credentials(_ action: String, in response: HTTPResponse, place: String) throws(CredentialsError)
        -> Credentials
    {
        let root = try? XMLReader.read(response.body)
        guard response.status == 200 else {
            throw Self.refusal(action, response.status, root?.child("Error")?["Code"], place: place)
        }
        guard let root, let found = root.child("\(action)Result")?.child("Credentials"),
            let id = found["AccessKeyId"], let secret = found["SecretAccessKey"], let token = found["SessionToken"],
            let end = found["Expiration"].flatMap({ Date(expiration: $0) })
        else { throw CredentialsError("\(action): the answer of \(place) has no whole credentials", canPass: true) }
        return try Credentials(
            accessKeyID: id,
            secretAccessKey: secret,
            sessionToken: token,
            expiresAt: end,
            place: "the answer of \(place)"
        )
    }

    /// The service's own words are left out: they may repeat what was sent.
    private static func refusal(_ action: String, _ status: Int, _ code: String?, place: String) -> CredentialsError {
        let code = code.flatMap(S3Error.token) ?? "no code"
        let hint =
            switch code {
            case "AccessDenied": ": the role's trust policy does not allow it"
            case "ExpiredTokenException", "InvalidIdentityToken": ": the token that was presented is not accepted"
            case "ValidationError": ": look at the role's ARN"
            default: ""
            }
        let canPass = status >= 500 || status == 429 || Self.passingCodes.contains(code)
        return CredentialsError("\(place) refuses \(action) with \(status) (\(code))\(hint)", canPass: canPass)
    }

    /// Tokens are written anew, and identity providers come back.
    private static let passingCodes: Set<String> = [
        "IDPCommunicationError", "ExpiredTokenException", "ExpiredToken", "InvalidIdentityToken", "Throttling",
        "ThrottlingException", "RequestLimitExceeded", "RequestExpired",
    ]
}

extension ResponseElement {
    fileprivate func child(_ name: String) -> ResponseElement? {
        self.children.first { $0.name == name }
    }
}
