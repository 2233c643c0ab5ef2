import Foundation

/// The inputs kept in `Corpus/TARGET`: seeds, and what was once a finding. `.hex` files hold bytes in hex, with comments
/// after `#`; all others are inputs as they stand.
enum Corpus {
    static func inputs(of target: String) throws -> [(name: String, bytes: [UInt8])] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Corpus/\(target)")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try files.sorted { $0.lastPathComponent < $1.lastPathComponent }.map { file in
            let bytes = Array(try Data(contentsOf: file))
            return (file.lastPathComponent, file.pathExtension == "hex" ? try self.bytes(ofHex: bytes) : bytes)
        }
    }

    private static func bytes(ofHex text: [UInt8]) throws -> [UInt8] {
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
        let digits = lines.flatMap { $0.prefix { $0 != "#" } }.filter { !$0.isWhitespace }
        return try stride(from: 0, to: digits.count, by: 2).map { index in
            guard let byte = UInt8(String(digits[index...].prefix(2)), radix: 16), index + 1 < digits.count else {
                throw CocoaError(.fileReadCorruptFile)
            }
            return byte
        }
    }
}
