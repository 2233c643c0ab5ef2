import Foundation
import Synchronization
import Uploads

/// One case: a scenario, and what happens in it by the choices made.
///
/// Every task runs on one thread and waits for its turn before each effect, so that the choices alone say what happens.
final class CrashRun: Sendable {
    struct Bounds: Sendable, Equatable {
        var faults: Int
        /// How often a process that could go on has to wait for another.
        var switches: Int
    }

    struct State: Sendable {
        var world: World
        var choices: Choices
        var bounds: Bounds
        var waiting: [(seat: Seat, turn: CheckedContinuation<Void, Never>)] = []
        var last: Seat?
        var trace: [(seat: Seat, effect: Effect, fault: Fault)] = []
        var processes: [Int: WorkerProcess] = [:]
        var processCount = 0
        var sweepIsClean = true
    }

    static let mostSteps = 600

    let scenario: Scenario
    let executor = SteppedExecutor()
    let state: Mutex<State>

    init(_ scenario: Scenario, _ bounds: Bounds, _ choices: Choices, world: World) {
        self.scenario = scenario
        self.state = Mutex(State(world: world, choices: choices, bounds: bounds))
    }

    var now: Date { self.state.withLock { $0.world.now } }

    func nextSessionID() -> SessionID {
        self.state.withLock { state in
            state.world.sessionCount += 1
            return SessionID(UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, state.world.sessionCount)))
        }
    }

    func wait(for seat: Seat) async {
        await withCheckedContinuation { turn in
            self.state.withLock { $0.waiting.append((seat, turn)) }
        }
    }

    /// Has an effect, or the fault that the run chose for it.
    ///
    /// - Returns: the fault; and what came of the effect, where it happened.
    func perform<Value: Sendable>(
        _ effect: Effect,
        _ seat: Seat,
        _ act: (inout World) -> Value
    ) throws(ProcessDied) -> (fault: Fault, value: Value?) {
        try self.state.withLock { state throws(ProcessDied) in
            guard !state.world.deadProcesses.contains(seat.process) else { throw ProcessDied() }
            if let delivery = seat.delivery, state.world.failedDeliveries.contains(delivery) {
                state.world.violate("delivery \(delivery) goes on after the database failed")
            }
            state.world.step += 1
            let fault = state.fault(of: effect, seat)
            state.trace.append((seat, effect, fault))
            state.world.prepare(fault, seat)
            if fault == .repeated { _ = act(&state.world) }
            let value = fault.happens ? act(&state.world) : nil
            guard fault.kills else { return (fault, value) }
            state.world.kill(seat.process)
            throw ProcessDied()
        }
    }
}

extension CrashRun.State {
    fileprivate mutating func fault(of effect: Effect, _ seat: Seat) -> Fault {
        guard self.bounds.faults > 0 else { return .none }
        let faults = effect.faults.filter { $0 != .redelivered || self.canBeTakenBack(seat) }
        let pick = self.choices.pick(of: faults.count + 1, rare: true)
        guard pick > 0 else { return .none }
        self.bounds.faults -= 1
        return faults[pick - 1]
    }

    private func canBeTakenBack(_ seat: Seat) -> Bool {
        seat.delivery.map { self.world.deliveries[$0].isOpen } ?? false
    }
}

extension World {
    fileprivate mutating func prepare(_ fault: Fault, _ seat: Seat) {
        if fault == .refused { self.mayDeadLetter = true }
        if fault == .redelivered, let delivery = seat.delivery { self.takeBack(delivery) }
        guard fault.isFatal else { return }
        self.failedProcesses.insert(seat.process)
        if let delivery = seat.delivery { self.failedDeliveries.insert(delivery) }
    }
}

/// Who has an effect: a delivery, or the sweep, in a process.
struct Seat: Sendable, Equatable {
    let run: CrashRun
    let process: Int
    let delivery: Int?

    func perform<Value: Sendable>(
        _ effect: Effect,
        _ act: (inout World) -> Value
    ) async throws(ProcessDied) -> (fault: Fault, value: Value?) {
        await self.run.wait(for: self)
        return try self.run.perform(effect, self, act)
    }

    static func == (one: Self, other: Self) -> Bool {
        one.process == other.process && one.delivery == other.delivery
    }
}
