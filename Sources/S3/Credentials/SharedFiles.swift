internal import FoundationEssentials

/// The files that all AWS tools share, `~/.aws/credentials` and `~/.aws/config`, as they were when read.
struct SharedFiles: Redacted, Sendable {
    /// The files looked at, the credentials file first, whether they exist or not.
    let paths: [String]
    /// The profile that is meant where none is named.
    let chosenName: String
    /// Whether a setting names that profile, which must exist then.
    let isChosenByName: Bool
    private let credentials: [String: [String: String]]
    private let config: [String: [String: String]]

    /// Reads what `AWS_PROFILE`, `AWS_SHARED_CREDENTIALS_FILE`, `AWS_CONFIG_FILE` and `HOME` lead to; nothing of that has
    /// to exist.
    init(environment: [String: String]) throws(CredentialsError) {
        let home = environment.setting("HOME") ?? "~"
        let credentialsPath = environment.setting("AWS_SHARED_CREDENTIALS_FILE") ?? "~/.aws/credentials"
        let configPath = environment.setting("AWS_CONFIG_FILE") ?? "~/.aws/config"
        let chosen = environment.setting("AWS_PROFILE") ?? environment.setting("AWS_DEFAULT_PROFILE")
        self.chosenName = chosen ?? "default"
        self.isChosenByName = chosen != nil
        self.paths = [credentialsPath, configPath].map { path in
            path.hasPrefix("~/") ? home + path.dropFirst() : path
        }
        self.credentials = try Self.sections(of: self.paths[0])
        self.config = try Self.sections(of: self.paths[1])
    }

    var chosen: SharedProfile { self.profile(named: self.chosenName) }

    func profile(named name: String) -> SharedProfile {
        SharedProfile(
            name: name,
            paths: self.paths,
            credentialsFile: self.credentials[name],
            configFile: self.config["profile \(name)"] ?? (name == "default" ? self.config["default"] : nil)
        )
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
