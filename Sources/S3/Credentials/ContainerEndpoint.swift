/// The endpoint that a container's host has for its credentials: of ECS, of EKS Pod Identity, or of one's own.
struct ContainerEndpoint: Sendable, Equatable {
    enum Authorization: Sendable, Equatable {
        case token(Secret)
        case file(TokenFile)
    }

    private let endpoint: Endpoint
    /// Path and query, as given.
    private let target: String
    private let authorization: Authorization?

    var authority: String { self.endpoint.authority }

    func fetch() async throws(CredentialsError) -> Credentials {
        let place = "the container endpoint \(self.authority)"
        let request = try self.request()
        let response: HTTPResponse
        do throws(TransferFailure) {
            response = try await HTTPClient.sendOnce(request, settings: .containerEndpoint)
        } catch {
            throw CredentialsError("\(place) cannot be asked: \(error.message)", canPass: true)
        }
        guard response.status == 200 else {
            throw CredentialsError(
                "\(place) answers with \(response.status)",
                canPass: response.status >= 500 || response.status == 429
            )
        }
        return try CredentialsDocument.credentials(in: response.body, place: place)
    }

    func request() throws(CredentialsError) -> HTTPRequest {
        var headers = [("accept", "application/json")]
        switch self.authorization {
        case .token(let token): headers.append(("authorization", token.text))
        case .file(let file): headers.append(("authorization", try file.read().text))
        case nil: break
        }
        let origin = "\(self.endpoint.scheme.rawValue)://\(self.authority)"
        return HTTPRequest(method: .get, url: origin + self.target, headers: headers)
    }
}

extension ContainerEndpoint {
    private static let relative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
    private static let full = "AWS_CONTAINER_CREDENTIALS_FULL_URI"

    /// Nil where the environment names none.
    init?(environment: [String: String]) throws(CredentialsError) {
        if let target = environment.setting(Self.relative) {
            self.endpoint = Endpoint(scheme: .http, host: "169.254.170.2", port: nil, pathPrefix: "")
            self.target = try Self.target(target[...], setting: Self.relative)
        } else if let text = environment.setting(Self.full) {
            (self.endpoint, self.target) = try Self.parts(of: text)
        } else {
            return nil
        }
        self.authorization = try Self.authorization(environment)
    }

    /// Neither the URL nor a token is repeated in an error.
    private static func parts(of text: String) throws(CredentialsError) -> (Endpoint, String) {
        let afterScheme = text.firstRange(of: "://")?.upperBound ?? text.startIndex
        let origin = text[..<(text[afterScheme...].firstIndex { "/?#".contains($0) } ?? text.endIndex)]
        let endpoint: Endpoint
        do throws(EndpointError) {
            endpoint = try Endpoint(parsing: String(origin))
        } catch {
            throw CredentialsError("\(Self.full) is not a URL (\(error))")
        }
        guard ContainerHost.isAllowed(endpoint) else {
            throw CredentialsError(
                "\(Self.full) names \(endpoint.host), which may be another machine: over http only loopback, "
                    + "169.254.170.2, 169.254.170.23 and [fd00:ec2::23] are asked for credentials; use https"
            )
        }
        let rest = text[origin.endIndex...]
        return (endpoint, try Self.target(rest.hasPrefix("/") ? rest : "/" + rest, setting: Self.full))
    }

    private static func target(_ text: Substring, setting: String) throws(CredentialsError) -> String {
        guard text.hasPrefix("/"), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") })
        else { throw CredentialsError("\(setting) has no path that begins with / and is of ASCII without blanks") }
        return String(text)
    }

    private static func authorization(_ environment: [String: String]) throws(CredentialsError) -> Authorization? {
        let name = "AWS_CONTAINER_AUTHORIZATION_TOKEN"
        if let path = environment.setting(name + "_FILE") {
            return .file(TokenFile(path: path, setting: name + "_FILE"))
        }
        guard let token = environment.setting(name) else { return nil }
        // "Basic …" and "Bearer …" have a blank.
        guard token.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw CredentialsError("\(name) has a character that no header can carry")
        }
        return .token(Secret(token))
    }
}
