import Foundation

/// A lock file held until the process ends, however it ends.
///
/// The file stays: removing it would let two processes hold locks on two files of one name.
final class FileLock: Sendable {
    private let descriptor: CInt

    init(path: String) throws {
        let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw DatabaseUnavailable(path: path, reason: String(cString: strerror(errno)))
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw DatabaseUnavailable(
                path: path,
                reason: "another process has it open; give each worker its own SESSION_STORE"
            )
        }
        self.descriptor = descriptor
    }

    deinit { close(self.descriptor) }

    /// Whether another process holds it now. Makes no file; for a moment it takes a lock of its own, which is shared.
    static func isHeld(path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }
}
