import Synchronization

/// Looks at the broker at one URL, and leaves it as it is.
///
/// It takes no longer than `limit`, whatever the network does: what is known by then is returned, with the failure
/// `timedOut`.
package func inspectBroker(
    at url: BrokerURL,
    _ questions: BrokerQuestions,
    configuration: BrokerConfiguration,
    atMost limit: Duration
) async -> BrokerInspection {
    let look = Look()
    let deadline = ContinuousClock.now + limit
    var configuration = configuration
    configuration.connectTimeout = min(configuration.connectTimeout, limit)
    let code = startThread(named: "amqp-inspect") { [configuration] in
        do throws(BrokerError) {
            let connection = try BrokerConnection(url: url, configuration: configuration, socketGuard: look.socketGuard)
            var inspector = BrokerInspector(connection, look: look, deadline: deadline)
            try inspector.run(questions)
            connection.close()
        } catch {
            look.note { $0.failure = error }
        }
        look.end()
    }
    guard code == 0 else {
        var nothing = BrokerInspection()
        nothing.failure = BrokerError(.outOfResources("threads"), url: url)
        return nothing
    }
    return await withTaskGroup(of: Void.self) { group in
        // The thread is no task: one that hangs in a call of the system is left behind.
        group.addTask {
            // Cancelled, because the look has ended or nobody wants it any more, it gives up as well.
            try? await Task.sleep(until: deadline, clock: .continuous)
            look.giveUp(at: url)
        }
        defer { group.cancelAll() }
        return await look.result.wait()
    }
}

/// What a look and who waits for it share.
final class Look: Sendable {
    let socketGuard = SocketGuard()
    let result = Answer<BrokerInspection>()
    private let found = Mutex(BrokerInspection())

    func note(_ change: (inout BrokerInspection) -> Void) {
        self.found.withLock { change(&$0) }
    }

    func isMissing(_ resource: String) -> Bool {
        self.found.withLock { $0.entities.contains(.init(resource, .missing)) }
    }

    func end() {
        self.result.give(self.found.withLock { $0 })
    }

    /// Does nothing once the look has ended.
    func giveUp(at url: BrokerURL) {
        var found = self.found.withLock { $0 }
        found.failure = BrokerError(.timedOut, url: url)
        if self.result.give(found) { self.socketGuard.interruptOpening() }
    }
}
