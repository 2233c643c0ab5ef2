import Logging

/// What a connection's thread and the tasks around it share.
struct ConnectionLife<Command: Sendable>: Sendable {
    let configuration: BrokerConfiguration
    let logger: Logger
    let mailbox = Mailbox<Command>()
    let board = StatusBoard()
    let socketGuard = SocketGuard()

    /// Runs the role on a thread of its own, to the end.
    func run<Role: ChannelRole>(
        persistence: ReconnectSchedule.Persistence,
        named name: String,
        makeRole: @escaping @Sendable () -> Role
    ) async -> BrokerError? where Role.Command == Command {
        guard !self.configuration.urls.isEmpty else {
            return self.end(makeRole(), BrokerError(.unreachable("no URL is given"), url: nil))
        }
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.watch() }
            defer { group.cancelAll() }
            do {
                return try await onBrokerThread(named: name) {
                    var loop = ConnectionLoop(
                        makeRole(),
                        configuration: self.configuration,
                        persistence: persistence,
                        mailbox: self.mailbox,
                        board: self.board,
                        socketGuard: self.socketGuard,
                        logger: self.logger
                    )
                    return loop.run()
                }
            } catch {
                return self.end(makeRole(), BrokerError(.outOfResources("threads"), url: self.configuration.urls[0]))
            }
        }
    }

    /// Ends without a thread: whoever waits for an answer gets it, and nothing is accepted any more.
    private func end<Role: ChannelRole>(_ role: Role, _ failure: BrokerError) -> BrokerError
    where Role.Command == Command {
        var role = role
        role.ended(failure, rest: self.mailbox.close())
        self.board.set(.stopped)
        return failure
    }

    /// Tells the thread to come to an end, in the middle of connecting too.
    func stop(_ command: Command) {
        self.mailbox.post(command)
        self.socketGuard.interruptOpening()
    }

    /// Frees the thread where a call of the library does not return.
    private func watch() async {
        let limit = self.configuration.heartbeat * 2
        while true {
            do {
                try await Task.sleep(for: self.configuration.heartbeat / 2)
            } catch {
                return
            }
            if self.socketGuard.interrupt(ifStuckFor: limit, at: .now) {
                self.logger.warning("Shut down a connection on which the broker takes nothing")
            }
        }
    }
}
