import Foundation

@testable import UploadWorker

/// Who goes on when.
extension CrashRun {
    /// Runs the scenario to its end.
    func run() async {
        await withTaskGroup { group in
            self.start(&group)
            self.drive(&group)
        }
        self.state.withLock { $0.world.auditQuiet() }
        self.passTime()
        // Only what the run itself kept from ending is left to another sweep.
        var sweeps = 0
        repeat {
            self.state.withLock { $0.sweepIsClean = true }
            await withTaskGroup { group in
                self.addSweep(&group, slot: -1)
                self.drive(&group)
            }
            sweeps += 1
        } while !self.state.withLock({ $0.sweepIsClean }) && sweeps < 10
        self.state.withLock { $0.world.auditSwept() }
    }

    private func start(_ group: inout TaskGroup<Void>) {
        for (slot, step) in self.scenario.steps.enumerated() where step == .sweep {
            self.addSweep(&group, slot: slot)
        }
    }

    private func drive(_ group: inout TaskGroup<Void>) {
        while true {
            self.executor.drain()
            if self.addDelivery(&group) { continue }
            if let turn = self.nextTurn() {
                turn.resume()
            } else if !self.releaseHeld() {
                return
            }
        }
    }

    private func addSweep(_ group: inout TaskGroup<Void>, slot: Int) {
        let process = self.state.withLock { self.process(in: slot, of: &$0) }
        group.addTask(executorPreference: self.executor) { await process.sweep(of: self) }
    }

    private func addDelivery(_ group: inout TaskGroup<Void>) -> Bool {
        let started = self.state.withLock { state -> (WorkerProcess, Int)? in
            guard let message = state.world.ready.first else { return nil }
            let process = self.process(in: self.slot(of: message, in: state), of: &state)
            return state.world.deliver { _ in process.id }.map { (process, $0) }
        }
        guard let (process, delivery) = started else { return false }
        group.addTask(executorPreference: self.executor) { await process.handle(delivery, of: self) }
        return true
    }

    /// On two workers each request has its own; one that comes again while its worker lives goes to yet another.
    private func slot(of message: Message, in state: State) -> Int {
        guard self.scenario.hasTwoWorkers else { return 0 }
        let running = state.processes.filter { slot, process in
            slot % 2 == message.request && !state.world.deadProcesses.contains(process.id)
        }
        return message.deliveryCount == 0 || running.isEmpty ? message.request : message.request + 2
    }

    private func process(in slot: Int, of state: inout State) -> WorkerProcess {
        if let process = state.processes[slot], !state.world.deadProcesses.contains(process.id) { return process }
        let process = WorkerProcess(id: state.processCount)
        state.processCount += 1
        state.processes[slot] = process
        return process
    }

    /// The dead go on at once, into nothing. Among the living there is a choice.
    private func nextTurn() -> CheckedContinuation<Void, Never>? {
        self.state.withLock { state in
            if state.world.step > Self.mostSteps { state.giveUp() }
            if let index = state.waiting.firstIndex(where: { state.world.deadProcesses.contains($0.seat.process) }) {
                return state.waiting.remove(at: index).turn
            }
            guard !state.waiting.isEmpty else { return nil }
            let index = state.chosenIndex()
            state.last = state.waiting[index].seat
            return state.waiting.remove(at: index).turn
        }
    }

    private func releaseHeld() -> Bool {
        self.state.withLock { state in
            guard !state.world.held.isEmpty else { return false }
            state.world.releaseHeld()
            return true
        }
    }

    private func passTime() {
        self.state.withLock { state in
            state.world.now += World.urlExpiry.inSeconds + CrashSettings.expiryGrace + 1
        }
    }
}

extension CrashRun.State {
    fileprivate mutating func chosenIndex() -> Int {
        guard let last = self.waiting.firstIndex(where: { $0.seat == self.last }) else {
            return self.choices.pick(of: self.waiting.count)
        }
        guard self.bounds.switches > 0 else { return last }
        // 0 is to stay with whoever went last.
        let pick = self.choices.pick(of: self.waiting.count)
        if pick > 0 { self.bounds.switches -= 1 }
        return pick == 0 ? last : pick <= last ? pick - 1 : pick
    }

    /// Ends a run that does not end by itself.
    fileprivate mutating func giveUp() {
        self.world.violate("no end after \(CrashRun.mostSteps) effects")
        self.world.step = 0
        for each in self.waiting { self.world.kill(each.seat.process) }
        self.world.ready = []
        self.world.held = []
    }
}
