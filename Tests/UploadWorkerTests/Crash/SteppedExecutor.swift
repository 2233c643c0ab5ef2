import Synchronization

/// Runs tasks on the thread that drains it, one job after the other: once it is empty, every task waits for something.
final class SteppedExecutor: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        self.jobs.withLock { $0.append(job) }
    }

    func drain() {
        while let job = self.next() { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    private func next() -> UnownedJob? {
        self.jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
}
