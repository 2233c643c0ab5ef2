import Glibc

struct TestSocketError: Error, CustomStringConvertible {
    let description: String
}

/// A blocking socket on loopback that gives up after a while, so that a test fails and does not hang.
final class TestSocket: Sendable {
    static let patience = 20

    let descriptor: Int32

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var time = timeval(tv_sec: Self.patience, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(self.descriptor)
    }

    /// Listens on a port that the system chooses.
    static func listening() throws -> TestSocket {
        let listener = TestSocket(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        try withAddress(port: 0) { address, size in
            guard bind(listener.descriptor, address, size) == 0, listen(listener.descriptor, 16) == 0 else {
                throw TestSocketError(description: "cannot listen")
            }
        }
        return listener
    }

    static func connected(to port: UInt16) throws -> TestSocket {
        let connection = TestSocket(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        try withAddress(port: port) { address, size in
            guard connect(connection.descriptor, address, size) == 0 else {
                throw TestSocketError(description: "cannot connect")
            }
        }
        return connection
    }

    var port: UInt16 {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(self.descriptor, $0, &size) }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    func accept() throws -> TestSocket {
        let accepted = Glibc.accept(self.descriptor, nil, nil)
        guard accepted >= 0 else { throw TestSocketError(description: "nobody connected") }
        return TestSocket(accepted)
    }

    func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw TestSocketError(description: "cannot write") }
            rest = rest.dropFirst(count)
        }
    }

    /// Exactly `count` bytes.
    func read(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes {
                recv(
                    self.descriptor,
                    UnsafeMutableRawBufferPointer(rebasing: $0[filled...]).baseAddress,
                    count - filled,
                    0
                )
            }
            guard got > 0 else {
                throw TestSocketError(description: got == 0 ? "the peer closed" : "nothing came in time")
            }
            filled += got
        }
        return bytes
    }

    /// What is there, at most 64 KiB; empty at the end of the stream.
    func readSome() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65536)
        let got = bytes.withUnsafeMutableBytes { recv(self.descriptor, $0.baseAddress, $0.count, 0) }
        guard got >= 0 else { throw TestSocketError(description: "nothing came in time") }
        return Array(bytes[..<got])
    }

    /// Waits until the peer has closed; what it sends before is dropped.
    func readToEnd() {
        while let bytes = try? self.readSome(), !bytes.isEmpty {}
    }

    func shutDown() {
        shutdown(self.descriptor, Int32(SHUT_RDWR))
    }

    private static func withAddress(
        port: UInt16,
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Void
    ) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        try withUnsafePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
