import Logging

/// The life of a connection on its thread: made, used, lost, made again, until its role is finished.
struct ConnectionLoop<Role: ChannelRole> {
    let configuration: BrokerConfiguration
    let mailbox: Mailbox<Role.Command>
    let board: StatusBoard
    let socketGuard: SocketGuard
    let logger: Logger

    var role: Role
    private var schedule: ReconnectSchedule
    private var urlIndex = 0
    private var delay = Duration.zero
    private var connectionCount: UInt64 = 0
    private var backlog = FIFO<Role.Command>()

    init(
        _ role: Role,
        configuration: BrokerConfiguration,
        persistence: ReconnectSchedule.Persistence,
        mailbox: Mailbox<Role.Command>,
        board: StatusBoard,
        socketGuard: SocketGuard,
        logger: Logger
    ) {
        self.role = role
        self.configuration = configuration
        self.mailbox = mailbox
        self.board = board
        self.socketGuard = socketGuard
        self.logger = logger
        self.schedule = ReconnectSchedule(urlCount: configuration.urls.count, persistence: persistence)
    }

    /// Runs to the end; gives the error where that came too early.
    mutating func run() -> BrokerError? {
        let failure = self.serveAll()
        self.role.ended(failure, rest: self.backlog.removeAll() + self.mailbox.close())
        self.board.set(.stopped)
        return failure
    }

    private mutating func serveAll() -> BrokerError? {
        while true {
            self.takeCommands(atMost: .max)
            self.role.advance(to: .now)
            if self.role.isFinished { return nil }
            guard self.role.wantsConnection, self.delay <= .zero else {
                self.pause()
                continue
            }
            self.board.set(.connecting)
            guard case .failure(let failure) = self.serveOnce() else { return nil }
            self.role.lost(failure.error)
            self.board.set(.disconnected(reason: failure.error.shortDescription))
            switch self.nextStep(after: failure) {
            case .giveUp: return failure.error
            case .connect(let urlIndex, let delay): (self.urlIndex, self.delay) = (urlIndex, delay)
            }
            self.log(failure)
        }
    }

    private struct Failure: Error {
        let error: BrokerError
        let wasConnected: Bool
    }

    /// One connection, from its making to its end.
    private mutating func serveOnce() -> Result<Void, Failure> {
        var wasConnected = false
        do {
            let url = self.configuration.urls[self.urlIndex]
            var configuration = self.configuration
            if let deadline = self.role.stopDeadline {
                configuration.connectTimeout = min(configuration.connectTimeout, max(.zero, deadline - .now))
            }
            self.connectionCount += 1
            let connection = try BrokerConnection(
                url: url,
                number: self.connectionCount,
                configuration: configuration,
                bodyLimit: self.role.bodyLimit,
                socketGuard: self.socketGuard
            )
            try self.role.opened(connection, now: .now)
            wasConnected = true
            self.socketGuard.opened()
            self.board.connected()
            self.logger.info("Connected to the broker", metadata: self.metadata)
            try self.serve(connection)
            connection.close()
            return .success(())
        } catch {
            return .failure(Failure(error: error, wasConnected: wasConnected))
        }
    }

    /// Waits for the delay to pass, or for a command.
    private mutating func pause() {
        let start = ContinuousClock.now
        var longest = self.role.wantsConnection ? self.delay : .seconds(60)
        if let deadline = self.role.nextDeadline { longest = min(longest, deadline - start) }
        if self.backlog.isEmpty, self.mailbox.fallAsleep() {
            self.mailbox.wait(atMost: longest)
            self.mailbox.wakeUp()
        }
        self.delay -= start.duration(to: .now)
    }

    private mutating func nextStep(after failure: Failure) -> ReconnectSchedule.Step {
        let random = Double.random(in: 0...1)
        return failure.wasConnected
            ? self.schedule.lost(wasUseful: self.role.wasUseful, random: random)
            : self.schedule.failedToConnect(isPermanent: failure.error.isPermanent, random: random)
    }

    mutating func takeCommands(atMost limit: Int) {
        self.backlog.append(contentsOf: self.mailbox.takeAll())
        var taken = 0
        while taken < limit, let command = self.backlog.popFirst() {
            self.role.perform(command)
            taken += 1
        }
    }

    var hasBacklog: Bool { !self.backlog.isEmpty }

    private var metadata: Logger.Metadata {
        let url = self.configuration.urls[self.urlIndex]
        return ["broker.host": "\(url.host)", "broker.port": "\(url.port)", "broker.vhost": "\(url.virtualHost)"]
    }

    private func log(_ failure: Failure) {
        let metadata: Logger.Metadata = ["broker.error": "\(failure.error)", "broker.retry_after": "\(self.delay)"]
        if failure.wasConnected {
            self.logger.warning("Lost the connection to the broker", metadata: metadata)
        } else {
            self.logger.warning("Cannot connect to the broker", metadata: metadata)
        }
    }
}
