import Testing

@testable import AMQP

@Suite("The guard of a socket")
struct SocketGuardTests {
    private let start = ContinuousClock.now

    @Test(
        "interrupts a turn that lasts longer than its limit, and only that",
        arguments: [(-1, false), (0, false), (1, true)]
    )
    func limit(over: Int, interrupts: Bool) throws {
        try withConnectedSockets { socket, peer in
            let watch = SocketGuard()
            watch.watch(socket.descriptor)
            watch.turnBegins(at: self.start)
            let now = self.start + .milliseconds(1000 + over)
            #expect(watch.interrupt(ifStuckFor: .seconds(1), at: now) == interrupts)
            #expect(watch.interrupt(ifStuckFor: .seconds(1), at: now) == false)
            if interrupts { #expect(try peer.readSome() == []) } else { try expectOpen(socket, peer) }
        }
    }

    @Test("leaves alone who waits, and a socket given back")
    func idle() throws {
        try withConnectedSockets { socket, peer in
            let watch = SocketGuard()
            let late = self.start + .seconds(100)
            watch.watch(socket.descriptor)
            watch.turnBegins(at: self.start)
            watch.turnEnds()
            #expect(watch.interrupt(ifStuckFor: .seconds(1), at: late) == false)
            watch.turnBegins(at: self.start)
            watch.unwatch()
            #expect(watch.interrupt(ifStuckFor: .seconds(1), at: late) == false)
            watch.interruptOpening()
            try expectOpen(socket, peer)
        }
    }

    @Test("interrupts the opening of a connection, and not its use", arguments: [true, false])
    func opening(isOpen: Bool) throws {
        try withConnectedSockets { socket, peer in
            let watch = SocketGuard()
            watch.watch(socket.descriptor)
            if isOpen { watch.opened() }
            watch.interruptOpening()
            if isOpen { try expectOpen(socket, peer) } else { #expect(try peer.readSome() == []) }
        }
    }

    private func withConnectedSockets(_ body: (TestSocket, TestSocket) throws -> Void) throws {
        let listener = try TestSocket.listening()
        let socket = try TestSocket.connected(to: listener.port)
        try body(socket, try listener.accept())
    }

    private func expectOpen(_ socket: TestSocket, _ peer: TestSocket) throws {
        try socket.write([1])
        #expect(try peer.readSome() == [1])
    }
}
