import Foundation

/// Standard output of a command that must end in good order whoever reads it, and however long.
///
/// Needs SIGPIPE ignored: a pipe that nobody reads any more (`| head -1`) takes nothing, and is no error.
struct CommandOutput {
    /// Written in pieces of this size; a terminal gets each line at once.
    private static let pieceSize = 16 * 1024

    private let descriptor: CInt
    private let isTerminal: Bool
    private var pending: [UInt8] = []
    /// Nobody reads any more.
    private(set) var isUnread = false

    init(descriptor: CInt = STDOUT_FILENO) {
        self.descriptor = descriptor
        self.isTerminal = isatty(descriptor) == 1
    }

    mutating func line(_ text: String) throws(CommandOutputError) {
        guard !self.isUnread else { return }
        self.pending += text.utf8
        self.pending.append(UInt8(ascii: "\n"))
        if self.isTerminal || self.pending.count >= Self.pieceSize { try self.flush() }
    }

    mutating func flush() throws(CommandOutputError) {
        defer { self.pending.removeAll(keepingCapacity: true) }
        var start = 0
        while start < self.pending.count, !self.isUnread {
            let written = self.pending.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
                return Foundation.write(self.descriptor, rest.baseAddress, rest.count)
            }
            if written >= 0 { start += written } else { try self.failed(errno) }
        }
    }

    private mutating func failed(_ code: CInt) throws(CommandOutputError) {
        switch code {
        case EINTR: break
        case EPIPE: self.isUnread = true
        default: throw CommandOutputError(reason: String(cString: strerror(code)))
        }
    }
}

struct CommandOutputError: Error, CustomStringConvertible {
    var reason: String

    var description: String { "standard output cannot be written (\(self.reason)): send it elsewhere" }
}
