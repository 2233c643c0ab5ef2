import Glibc
import Synchronization

@testable import AMQP

/// Passes bytes between clients and the broker, until it is told to cut every connection.
final class CuttingProxy: Sendable {
    private let listener: TestSocket
    private let target: UInt16
    private let isOver = Atomic<Bool>(false)
    private let pairs = Mutex<[(TestSocket, TestSocket)]>([])

    var port: UInt16 { self.listener.port }

    private init(target: UInt16) throws {
        self.listener = try TestSocket.listening()
        self.target = target
    }

    static func with<Value: Sendable>(
        target: UInt16,
        _ body: (CuttingProxy) async throws -> Value
    ) async throws -> Value {
        let proxy = try CuttingProxy(target: target)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await onBrokerThread(named: "proxy") { proxy.serve() } }
            defer {
                proxy.isOver.store(true, ordering: .relaxed)
                proxy.listener.shutDown()
                proxy.cut()
            }
            return try await body(proxy)
        }
    }

    /// Ends every connection in the middle of whatever it is doing.
    func cut() {
        let pairs = self.pairs.withLock { pairs in
            defer { pairs = [] }
            return pairs
        }
        for (client, broker) in pairs {
            client.shutDown()
            broker.shutDown()
        }
    }

    /// One thread for all: connections are accepted, and bytes passed, as poll says.
    private func serve() {
        while !self.isOver.load(ordering: .relaxed) {
            let pairs = self.pairs.withLock { $0 }
            let sockets = pairs.flatMap { [$0.0, $0.1] }
            var polled = ([self.listener] + sockets).map {
                pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
            }
            guard poll(&polled, nfds_t(polled.count), 1000) > 0 else { continue }
            for (index, (client, broker)) in pairs.enumerated() {
                if polled[1 + 2 * index].revents != 0 { self.pass(from: client, to: broker) }
                if polled[2 + 2 * index].revents != 0 { self.pass(from: broker, to: client) }
            }
            if polled[0].revents != 0 { self.acceptOne() }
        }
    }

    private func acceptOne() {
        guard let client = try? self.listener.accept() else { return }
        if let broker = try? TestSocket.connected(to: self.target) {
            self.pairs.withLock { $0.append((client, broker)) }
        }
    }

    private func pass(from source: TestSocket, to sink: TestSocket) {
        do {
            let bytes = try source.readSome()
            guard !bytes.isEmpty else { throw TestSocketError(description: "end") }
            try sink.write(bytes)
        } catch {
            source.shutDown()
            sink.shutDown()
            self.pairs.withLock { $0.removeAll { $0.0 === source || $0.1 === source } }
        }
    }
}
