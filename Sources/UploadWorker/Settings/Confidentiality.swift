import CLinux
import Foundation
import S3

/// Keeps what the settings hold from others on the machine.
enum Confidentiality {
    /// No core dump of this process (one piped to a program included, which `RLIMIT_CORE` would not stop), no debugger of
    /// the same user, and its environment is root's alone to read; `CORE_DUMPS=true` allows all three.
    static func closeProcess(_ source: SettingsSource) throws(SettingError) {
        guard try !source.boolean("CORE_DUMPS", default: false) else { return }
        _ = clinux_set_dumpable(0)
    }

    /// Files with secrets that everyone on this machine can read. Token files are left out: Kubernetes mounts them so, where
    /// everyone is the container.
    static func exposedFiles(_ source: SettingsSource, configFile: String?) -> [String] {
        let files = [
            source.fileHoldsSecrets ? configFile : nil, source.text("AMQP_KEY_FILE"),
            SharedCredentialsFile.path(environment: source.values),
        ]
        return files.compactMap(\.self).filter(Self.isReadableByEveryone)
    }

    private static func isReadableByEveryone(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IROTH != 0
    }
}
