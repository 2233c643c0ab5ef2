import Glibc

/// One client's keep-alive connection.
final class Connection {
    private let descriptor: Int32
    private var unread: [UInt8] = []
    private(set) var isClosed = false

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Reads what has come, into `buffer` first, and hands over every whole request, in order.
    func read(by buffer: UnsafeMutableRawBufferPointer, _ handle: (HTTPRequest) -> Void) {
        let count = recv(self.descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        guard count > 0 else { return self.close() }
        self.unread.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        let used = self.unread.withUnsafeBytes { bytes in
            var used = 0
            while let (request, size) = HTTPRequest.first(in: UnsafeRawBufferPointer(rebasing: bytes[used...])) {
                handle(request)
                used += size
            }
            return used
        }
        self.unread.removeFirst(used)
    }

    /// Sends an answer whole: a client that reads so slowly that its socket is full loses its connection.
    func send(_ answer: [UInt8]) {
        guard !self.isClosed else { return }
        if Glibc.send(self.descriptor, answer, answer.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL)) != answer.count {
            shutdown(self.descriptor, Int32(SHUT_RDWR))
        }
    }

    private func close() {
        self.isClosed = true
        Glibc.close(self.descriptor)
    }
}
