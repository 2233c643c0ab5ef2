/// What a profile of the shared files says about credentials: keys, a role and whose credentials may assume it, or a
/// program to run.
struct ProfileSources: Sendable {
    let files: SharedFiles
    let service: TokenService
    let chain: CredentialsChain

    /// That of the chosen profile; nil where the profile says nothing, or nobody has named it and it is not there.
    func source() throws(CredentialsError) -> CredentialsSource? {
        let profile = self.files.chosen
        guard profile.exists || !self.files.isChosenByName else {
            throw CredentialsError(
                "there is no profile \(profile.name) in \(self.files.paths.joined(separator: " and ")): "
                    + "correct AWS_PROFILE, or AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE"
            )
        }
        return try self.source(of: profile, assumedFor: [])
    }

    /// - Parameter profiles: the profiles whose roles are to be assumed with this one's credentials.
    private func source(of profile: SharedProfile, assumedFor profiles: [String]) throws(CredentialsError)
        -> CredentialsSource?
    {
        if let arn = profile["role_arn"] { return try self.role(arn, of: profile, assumedFor: profiles) }
        if let keys = try profile.keys() { return .given(keys.credentials, by: keys.place) }
        if let command = profile["credential_process"] {
            return .process(CredentialsProcess(command: Secret(command), place: profile.place))
        }
        if profile["sso_session"] != nil || profile["sso_start_url"] != nil {
            throw CredentialsError("\(profile.place) signs in by SSO, which a worker cannot: give it a role or a key")
        }
        return nil
    }

    private func role(_ arn: String, of profile: SharedProfile, assumedFor profiles: [String]) throws(CredentialsError)
        -> CredentialsSource
    {
        let sessionName = try RoleSessionName(profile["role_session_name"], setting: "role_session_name")
        if let path = profile["web_identity_token_file"] {
            let file = TokenFile(path: path, setting: "web_identity_token_file")
            return .webIdentity(
                WebIdentity(roleARN: arn, sessionName: sessionName, tokenFile: file, service: self.service)
            )
        }
        guard profile["mfa_serial"] == nil else {
            throw CredentialsError("\(profile.place) asks for a code (mfa_serial), which a worker cannot give")
        }
        let role = AssumedRole(
            arn: arn,
            sessionName: sessionName,
            externalID: profile["external_id"],
            seconds: try self.duration(of: profile),
            service: self.service
        )
        return .role(role, with: try self.source(assuming: profile, assumedFor: profiles))
    }

    /// Whose credentials assume the profile's role.
    private func source(assuming profile: SharedProfile, assumedFor profiles: [String]) throws(CredentialsError)
        -> CredentialsSource
    {
        if let name = profile["credential_source"] { return try self.source(named: name, of: profile) }
        guard let name = profile["source_profile"] else {
            throw CredentialsError(
                "\(profile.place) has a role_arn without source_profile, credential_source or web_identity_token_file"
            )
        }
        // A profile may name itself: its keys assume its role.
        if name == profile.name, let keys = try profile.keys() { return .given(keys.credentials, by: keys.place) }
        guard name != profile.name, !profiles.contains(name) else {
            throw CredentialsError("\(profile.place): source_profile \(name) leads back to where it began")
        }
        let assumed = profiles + [profile.name]
        guard let source = try self.source(of: self.files.profile(named: name), assumedFor: assumed) else {
            throw CredentialsError("\(profile.place): source_profile \(name) does not exist or has no credentials")
        }
        return source
    }

    private func source(named name: String, of profile: SharedProfile) throws(CredentialsError) -> CredentialsSource {
        let source: CredentialsSource? =
            switch name {
            case "Environment":
                try self.chain.exported().map { .given($0, by: "environment") }
            case "EcsContainer":
                try ContainerEndpoint(environment: self.chain.environment).map { .container($0) }
            case "Ec2InstanceMetadata":
                try InstanceMetadata(environment: self.chain.environment).map { .instance($0) }
            default:
                throw CredentialsError(
                    "\(profile.place): credential_source is Environment, EcsContainer or Ec2InstanceMetadata"
                )
            }
        guard let source else {
            throw CredentialsError("\(profile.place): credential_source \(name), of which nothing is set up")
        }
        return source
    }

    private func duration(of profile: SharedProfile) throws(CredentialsError) -> Int? {
        guard let text = profile["duration_seconds"] else { return nil }
        guard let seconds = Int(text), (900...43_200).contains(seconds) else {
            throw CredentialsError("\(profile.place): duration_seconds is from 900 to 43200")
        }
        return seconds
    }
}
