import Foundation

/// A file that is being uploaded, open for reading.
final class SourceFile: Sendable {
    let descriptor: CInt
    let size: Int64

    init(path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw UnreadableFile(path: path, reason: String(cString: strerror(errno))) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw UnreadableFile(path: path, reason: "it is not a regular file")
        }
        self.descriptor = descriptor
        self.size = Int64(status.st_size)
    }

    deinit { close(self.descriptor) }
}

struct UnreadableFile: Error, CustomStringConvertible {
    var path: String
    var reason: String

    var description: String { "\(self.path) cannot be read: \(self.reason)" }
}
