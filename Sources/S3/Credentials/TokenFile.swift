import Foundation

/// A token that something else writes to a file, and writes anew before it ends: read for each use, never kept.
struct TokenFile: Sendable, Equatable {
    private static let maxBytes = 64 * 1024

    let path: String
    /// The setting that names the file, for errors.
    let setting: String

    /// - Throws: what cannot pass where there is no file to read, a fault of the setting; one that holds no token may be about to
    ///   be written.
    func read() throws(CredentialsError) -> Secret {
        let data: Data
        do {
            let file = try FileHandle(forReadingFrom: URL(filePath: self.path))
            defer { try? file.close() }
            data = try file.read(upToCount: Self.maxBytes + 1) ?? Data()
        } catch {
            throw CredentialsError("\(self.setting)=\(self.path) cannot be read: mount or correct it")
        }
        let token = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        // Anything else would end up in a header line.
        guard data.count <= Self.maxBytes, !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw CredentialsError(
                "\(self.setting)=\(self.path) holds no token: one line of at most 64 KiB of ASCII is expected",
                canPass: true
            )
        }
        return Secret(token)
    }
}
