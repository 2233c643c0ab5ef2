internal import FoundationEssentials

/// One profile of the files that all AWS tools share, `~/.aws/config` and `~/.aws/credentials`.
package struct SharedProfile: Sendable {
    package let name: String
    /// The files looked at, the credentials file first, whether they exist or not.
    let paths: [String]
    let credentialsFile: [String: String]?
    let configFile: [String: String]?
    /// The section of the config file that this profile's `services` names.
    var services: [String: String] = [:]

    init(name: String, paths: [String], credentialsFile: [String: String]?, configFile: [String: String]?) {
        self.name = name
        self.paths = paths
        self.credentialsFile = credentialsFile
        self.configFile = configFile
    }

    /// The profile that `AWS_PROFILE` names, of the files that the environment leads to; nothing of that has to exist.
    package init(environment: [String: String]) throws(CredentialsError) {
        self = try SharedFiles(environment: environment).chosen
    }

    package var exists: Bool { self.credentialsFile != nil || self.configFile != nil }

    package var region: String? { self["region"] }

    /// The value of that setting; the credentials file wins.
    subscript(setting: String) -> String? {
        self.credentialsFile?[setting] ?? self.configFile?[setting]
    }

    /// For people: which profile, and of which file.
    var place: String {
        "profile '\(self.name)' of \(self.paths[self.credentialsFile == nil ? 1 : 0])"
    }

    /// Nil where neither file has a key; key and token are always of one file.
    func keys() throws(CredentialsError) -> (credentials: Credentials, place: String)? {
        let files = zip(self.paths, [self.credentialsFile, self.configFile])
        for case (let path, let settings?) in files where settings["aws_access_key_id"] != nil {
            let place = "profile '\(self.name)' of \(path)"
            let credentials = try Credentials(
                accessKeyID: settings["aws_access_key_id"],
                secretAccessKey: settings["aws_secret_access_key"],
                sessionToken: settings["aws_session_token"],
                place: place
            )
            return (credentials, place)
        }
        return nil
    }
}

extension SharedProfile: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "SharedProfile(\(self.name))" }
    package var debugDescription: String { self.description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension [String: String] {
    /// The variable's value; an empty one is as good as none.
    func setting(_ name: String) -> String? {
        self[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
