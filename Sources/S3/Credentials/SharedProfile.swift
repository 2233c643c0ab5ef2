internal import FoundationEssentials

/// One profile of the files that all AWS tools share, `~/.aws/config` and `~/.aws/credentials`.
package struct SharedProfile: Sendable {
    package let name: String
    /// The files looked at, the credentials file first, whether they exist or not.
    let paths: [String]
    private let credentialsFile: [String: String]?
    private let configFile: [String: String]?

    /// Reads what `AWS_PROFILE`, `AWS_SHARED_CREDENTIALS_FILE`, `AWS_CONFIG_FILE` and `HOME` lead to; nothing of that has
    /// to exist.
    package init(environment: [String: String]) throws(CredentialsError) {
        let home = environment.setting("HOME") ?? "~"
        let credentialsPath = environment.setting("AWS_SHARED_CREDENTIALS_FILE") ?? "~/.aws/credentials"
        let configPath = environment.setting("AWS_CONFIG_FILE") ?? "~/.aws/config"
        self.name = environment.setting("AWS_PROFILE") ?? "default"
        self.paths = [credentialsPath, configPath].map { path in
            path.hasPrefix("~/") ? home + path.dropFirst() : path
        }
        let credentials = try Self.sections(of: self.paths[0])
        let config = try Self.sections(of: self.paths[1])
        self.credentialsFile = credentials[self.name]
        self.configFile = config["profile \(self.name)"] ?? (self.name == "default" ? config["default"] : nil)
    }

    package var exists: Bool { self.credentialsFile != nil || self.configFile != nil }

    package var region: String? { self["region"] }

    package var endpointURL: String? { self["endpoint_url"] }

    /// The value of that setting; the credentials file wins.
    subscript(setting: String) -> String? {
        self.credentialsFile?[setting] ?? self.configFile?[setting]
    }

    /// Nil where neither file has a key; key and token are always of one file.
    func credentials() throws(CredentialsError) -> Credentials? {
        let files = zip(self.paths, [self.credentialsFile, self.configFile])
        for case (let path, let settings?) in files where settings["aws_access_key_id"] != nil {
            return try Credentials(
                accessKeyID: settings["aws_access_key_id"],
                secretAccessKey: settings["aws_secret_access_key"],
                sessionToken: settings["aws_session_token"],
                place: "profile \(self.name) in \(path)"
            )
        }
        return nil
    }

    private static func sections(of path: String) throws(CredentialsError) -> [String: [String: String]] {
        do {
            let data = try Data(contentsOf: URL(filePath: path))
            return ProfileFile.sections(of: String(decoding: data, as: UTF8.self))
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile || error.code == .fileNoSuchFile {
            return [:]
        } catch {
            throw CredentialsError("\(path) cannot be read", canPass: true)
        }
    }
}

extension [String: String] {
    /// The variable's value; an empty one is as good as none.
    func setting(_ name: String) -> String? {
        self[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
