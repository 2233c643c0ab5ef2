import Foundation

/// The environment that names two files of these texts; a text of nil leaves its file out.
func withAWSFiles(
    config: String? = nil,
    credentials: String? = nil,
    _ body: ([String: String]) async throws -> Void
) async throws {
    let files = [("AWS_CONFIG_FILE", "config", config), ("AWS_SHARED_CREDENTIALS_FILE", "credentials", credentials)]
    try await withFolder { folder in
        // The metadata of whatever machine runs the tests is nobody's business.
        var environment = ["AWS_EC2_METADATA_DISABLED": "true"]
        for (variable, name, text) in files {
            let file = folder.appending(path: name)
            if let text { try Data(text.utf8).write(to: file) }
            environment[variable] = file.path
        }
        try await body(environment)
    }
}

/// A folder that goes with the body's end.
func withFolder(_ body: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "s3-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder)
}
