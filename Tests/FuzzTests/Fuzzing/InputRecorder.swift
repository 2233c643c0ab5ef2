import Foundation

/// Keeps the input being checked in `TARGET.current`, which is gone after a run that ended well, and findings beside it.
struct InputRecorder {
    private let target: String
    private let folder: URL?
    private let current: FileHandle?

    init(folder: URL?, target: String) throws {
        self.target = target
        self.folder = folder
        guard let folder else {
            self.current = nil
            return
        }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data().write(to: folder.appending(path: "\(target).current"))
        self.current = try FileHandle(forUpdating: folder.appending(path: "\(target).current"))
    }

    func begin(_ input: [UInt8]) {
        guard let descriptor = self.current?.fileDescriptor else { return }
        _ = ftruncate(descriptor, off_t(input.count))
        _ = pwrite(descriptor, input, input.count, 0)
    }

    func close() {
        try? self.current?.close()
        if let folder { try? FileManager.default.removeItem(at: folder.appending(path: "\(self.target).current")) }
    }

    /// The finding with its input in hex, kept in a file where there is a folder, and the command that replays it.
    func report(_ finding: Finding, in input: [UInt8], _ origin: String) throws -> FuzzFailure {
        let folder = self.folder ?? FileManager.default.temporaryDirectory
        let name = "\(self.target)-\(UUID().uuidString.prefix(8)).bin"
        let file = folder.appending(path: name)
        try Data(input).write(to: file)
        let hex = Array(input.prefix(512)).hex
        return FuzzFailure(
            description: """
                \(self.target), \(origin): does not hold: \(finding.property)
                input (\(input.count) bytes): \(hex)\(input.count > 512 ? "…" : "")
                replay: make fuzz TARGET=\(self.target) INPUT=\(file.path)
                """
        )
    }
}

/// What a run ends with that found something.
struct FuzzFailure: Error, CustomStringConvertible {
    let description: String
}

extension [UInt8] {
    var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: self.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
