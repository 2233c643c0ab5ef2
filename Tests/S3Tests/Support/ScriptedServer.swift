import Foundation
import Glibc
import Synchronization

/// A server on loopback that answers the n-th request as the n-th script says, however wrong that is.
final class ScriptedServer: Sendable {
    enum Step: Sendable {
        case send(String)
        /// As often as given, or until the client hangs up.
        case repeated(String, times: Int)
        /// One piece at a time with this between them: a slow network, not a wait for anything.
        case drip([String], every: Duration)
        case close
        /// Ends the connection with a reset.
        case reset
        /// Answers nothing more until the client hangs up.
        case stall
    }

    struct Request: Sendable {
        let head: String
        let body: String
        let connection: Int
    }

    private struct State {
        var scripts: [[Step]]
        var requests: [Request] = []
        var connections = 0
    }

    let port: Int
    private let listener: CInt
    private let state: Mutex<State>
    private let hangUps = AsyncStream.makeStream(of: Void.self)
    private let arrivals = AsyncStream.makeStream(of: Void.self)

    init(_ scripts: [[Step]]) throws {
        self.state = Mutex(State(scripts: scripts))
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, length) | listen(listener, 64)
                    | getsockname(listener, pointer, &length)
            }
        }
        guard listener >= 0, result == 0 else { throw POSIXError(.EADDRINUSE) }
        self.port = Int(UInt16(bigEndian: address.sin_port))
        self.listener = listener
        Thread { [weak self] in
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                guard let self else { break }
                let number = self.state.withLock { state in
                    state.connections += 1
                    return state.connections
                }
                Thread { self.serve(connection, number) }.start()
            }
            Glibc.close(listener)
        }
        .start()
    }

    deinit {
        shutdown(self.listener, CInt(SHUT_RDWR))
    }

    var requests: [Request] { self.state.withLock { $0.requests } }

    /// Returns when a client has hung up on a stalled or endless answer.
    func waitForHangUp() async {
        for await _ in self.hangUps.stream { return }
    }

    /// Returns when a request has come in, once for each.
    func waitForRequest() async {
        for await _ in self.arrivals.stream { return }
    }

    private func serve(_ connection: CInt, _ number: Int) {
        defer { Glibc.close(connection) }
        while let request = Self.read(from: connection, number) {
            let script = self.state.withLock { state in
                state.requests.append(request)
                return state.scripts.isEmpty ? [] : state.scripts.removeFirst()
            }
            self.arrivals.continuation.yield()
            for step in script {
                guard self.perform(step, on: connection) else { return }
            }
        }
    }

    private func perform(_ step: Step, on connection: CInt) -> Bool {
        switch step {
        case .send(let text): return Self.send(text, to: connection)
        case .repeated(let text, let times):
            for _ in 0..<times where !Self.send(text, to: connection) {
                self.hangUps.continuation.yield()
                return false
            }
            return true
        case .drip(let pieces, let pause):
            return pieces.allSatisfy { piece in
                usleep(UInt32(pause / .microseconds(1)))
                return Self.send(piece, to: connection)
            }
        case .close: return false
        case .reset:
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
            return false
        case .stall:
            var byte: UInt8 = 0
            while recv(connection, &byte, 1, 0) > 0 {}
            self.hangUps.continuation.yield()
            return false
        }
    }

    private static func send(_ text: String, to connection: CInt) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return false }
            rest.removeFirst(sent)
        }
        return true
    }

    private static func read(from connection: CInt, _ number: Int) -> Request? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.firstRange(of: "\r\n\r\n") {
                let head = String(text[..<end.lowerBound])
                let length = head.firstMatch(of: /(?i)content-length: (\d+)/).flatMap { Int($0.1) } ?? 0
                let body = text[end.upperBound...]
                if body.utf8.count >= length { return Request(head: head, body: String(body), connection: number) }
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
        }
    }
}

extension ScriptedServer.Step {
    /// A whole answer of that status.
    static func answer(_ status: Int = 200, _ body: String = "", headers: [String] = []) -> Self {
        let lines = ["HTTP/1.1 \(status) X", "Content-Length: \(body.utf8.count)"] + headers
        return .send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }
}
