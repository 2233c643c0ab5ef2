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
        let chosen = environment.setting("AWS_PROFILE") ?? environment.setting("AWS_DEFAULT_PROFILE")
        self.chosenName = chosen ?? "default"
        self.isChosenByName = chosen != nil
        self.paths = [
            SharedCredentialsFile.path(environment: environment),
            environment.path("AWS_CONFIG_FILE", default: "~/.aws/config"),
        ]
        self.credentials = try Self.sections(of: self.paths[0])
        self.config = try Self.sections(of: self.paths[1])
    }

    var chosen: SharedProfile { self.profile(named: self.chosenName) }

    func profile(named name: String) -> SharedProfile {
        var profile = SharedProfile(
            name: name,
            paths: self.paths,
            credentialsFile: self.credentials[name],
            configFile: self.config["profile \(name)"] ?? (name == "default" ? self.config["default"] : nil)
        )
        profile.services = profile["services"].flatMap { self.config["services \($0)"] } ?? [:]
        return profile
    }

    private static func sections(of path: String) throws(CredentialsError) -> [String: [String: String]] {
        // How one says that there is none; Foundation reads no devices.
        guard path != "/dev/null" else { return [:] }
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

/// The file of keys that all AWS tools share.
package enum SharedCredentialsFile {
    /// Where it is, if there is one.
    package static func path(environment: [String: String]) -> String {
        environment.path("AWS_SHARED_CREDENTIALS_FILE", default: "~/.aws/credentials")
    }
}

extension [String: String] {
    fileprivate func path(_ name: String, default standard: String) -> String {
        let path = self.setting(name) ?? standard
        return path.hasPrefix("~/") ? (self.setting("HOME") ?? "~") + path.dropFirst() : path
    }
}
