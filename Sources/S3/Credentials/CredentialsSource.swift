internal import FoundationEssentials

/// Where credentials come from, as the settings have it. Making one reads settings and files, and calls nobody.
indirect enum CredentialsSource: Sendable, Equatable {
    /// Long-lived or exported: looking again finds the same.
    case given(Credentials, by: String)
    case webIdentity(WebIdentity)
    case role(AssumedRole, with: CredentialsSource)
    case process(CredentialsProcess)
    case container(ContainerEndpoint)
    case instance(InstanceMetadata)

    /// For logs and people; without secrets.
    var name: String {
        switch self {
        case .given(_, let name): name
        case .webIdentity(let identity): "web identity for \(identity.roleARN)"
        case .role(let role, let source): "role \(role.arn) with \(source.name)"
        case .process(let process): "credential_process of \(process.place)"
        case .container(let endpoint): "container endpoint \(endpoint.authority)"
        case .instance: "instance metadata"
        }
    }

    /// Whether asking again gives credentials that end later.
    var isRenewable: Bool {
        switch self {
        case .given: false
        case .webIdentity, .role, .process, .container, .instance: true
        }
    }

    /// Asks for credentials, once; each call has a short time-out.
    func fetch(now: @Sendable () -> Date) async throws(CredentialsError) -> Credentials {
        switch self {
        case .given(let credentials, _): credentials
        case .webIdentity(let identity): try await identity.fetch()
        case .role(let role, let source): try await role.fetch(with: source.fetch(now: now), at: now())
        case .process(let process): try await process.fetch()
        case .container(let endpoint): try await endpoint.fetch()
        case .instance(let metadata): try await metadata.fetch()
        }
    }
}
