/// The metadata service of EC2 instances, version 2: a token first, then the role's name, then its credentials.
struct InstanceMetadata: Sendable, Equatable {
    private static let path = "/latest/meta-data/iam/security-credentials/"

    private let endpoint: Endpoint

    func fetch() async throws(CredentialsError) -> Credentials {
        let token = try await self.text(of: self.tokenRequest, "no token")
        let role = try await self.text(of: self.request("", token: token), "no role: attach one to the instance")
        guard (1...128).contains(role.utf8.count), role.utf8.allSatisfy(RoleSessionName.isCharacter) else {
            throw CredentialsError("\(self.place) names a role by what is no name", canPass: true)
        }
        let document = try await self.send(self.request(role, token: token), "no credentials of role \(role)")
        return try CredentialsDocument.credentials(in: document, place: self.place)
    }

    private var place: String { "the instance metadata at \(self.endpoint.authority)" }

    /// One line of visible ASCII, as it will go into a header or a path.
    private func text(of request: HTTPRequest, _ missing: String) async throws(CredentialsError) -> String {
        let bytes = try await self.send(request, missing)
        let line = String(decoding: bytes.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
        guard !line.isEmpty, line.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw CredentialsError("\(self.place) gives \(missing)", canPass: true)
        }
        return line
    }

    private func send(_ request: HTTPRequest, _ missing: String) async throws(CredentialsError) -> [UInt8] {
        let response: HTTPResponse
        do throws(TransferFailure) {
            response = try await HTTPClient.sendOnce(request, settings: .instanceMetadata)
        } catch {
            throw CredentialsError("\(self.place) cannot be asked: \(error.message)", canPass: true)
        }
        guard response.status == 200 else {
            throw CredentialsError("\(self.place) gives \(missing) (\(response.status))", canPass: true)
        }
        return response.body
    }

    private var tokenRequest: HTTPRequest {
        HTTPRequest(
            method: .put,
            url: self.endpoint.url(path: "/latest/api/token"),
            headers: [("x-aws-ec2-metadata-token-ttl-seconds", "60")]
        )
    }

    private func request(_ role: String, token: String) -> HTTPRequest {
        HTTPRequest(
            method: .get,
            url: self.endpoint.url(path: Self.path + role),
            headers: [("x-aws-ec2-metadata-token", token)]
        )
    }
}

extension InstanceMetadata {
    /// Nil where it is turned off.
    init?(environment: [String: String]) throws(CredentialsError) {
        guard environment.setting("AWS_EC2_METADATA_DISABLED")?.lowercased() != "true" else { return nil }
        let name = "AWS_EC2_METADATA_SERVICE_ENDPOINT"
        let isV6 = environment.setting("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")?.lowercased() == "ipv6"
        let text = environment.setting(name) ?? (isV6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254")
        do throws(EndpointError) {
            self.endpoint = try Endpoint(parsing: text)
        } catch {
            throw CredentialsError("\(name) is not an endpoint (\(error)): give http://host:port")
        }
    }
}
