import Synchronization

/// How a connection stands, written by its thread and read by anyone.
final class StatusBoard: Sendable {
    private struct State {
        var status = BrokerStatus.connecting
        var connections = 0
    }

    private let state = Mutex(State())

    var status: BrokerStatus {
        self.state.withLock { $0.status }
    }

    /// How often a connection was made after the first.
    var reconnections: Int {
        self.state.withLock { max(0, $0.connections - 1) }
    }

    func connected() {
        self.state.withLock { state in
            state.status = .connected
            state.connections += 1
        }
    }

    func set(_ status: BrokerStatus) {
        self.state.withLock { $0.status = status }
    }
}
