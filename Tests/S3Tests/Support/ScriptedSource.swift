import Foundation
import Synchronization

@testable import S3

/// A source of credentials whose n-th fetch goes as the n-th step says; after the last it hangs until cancelled.
final class ScriptedSource: Sendable {
    enum Step: Sendable {
        /// Credentials that end so many seconds later.
        case life(Double)
        case failure(String)
        case fault(String)
        case nothing(String)
        /// Until let go or cancelled.
        case hang
    }

    private struct State {
        var steps: [Step] = []
        var times: [Double] = []
        var hanging: AsyncStream<Step>.Continuation?
    }

    private let state = Mutex(State())
    private let begun = Counting()

    /// When each fetch began, in seconds of the clock.
    var times: [Double] { self.state.withLock { $0.times } }

    /// How long after the one before each fetch began.
    var pauses: [Double] { zip(self.times.dropFirst(), self.times).map { $0 - $1 } }

    func add(_ step: Step) {
        self.state.withLock { $0.steps.append(step) }
    }

    /// Ends the fetch that hangs in this way.
    func letGo(_ step: Step) {
        self.state.withLock { $0.hanging }?.yield(step)
    }

    /// Returns once the n-th fetch has begun.
    func waitForFetch(_ number: Int) async {
        await self.begun.wait(for: number)
    }

    func find(at now: Date) async throws(CredentialsError) -> RefreshingCredentials.Found {
        let (stream, continuation) = AsyncStream.makeStream(of: Step.self)
        let (step, number) = self.state.withLock { state in
            state.times.append(now.timeIntervalSince1970)
            state.hanging = continuation
            return (state.steps.isEmpty ? .hang : state.steps.removeFirst(), state.times.count)
        }
        self.begun.add()
        var hangingSteps = stream.makeAsyncIterator()
        let last: Step? = if case .hang = step { await hangingSteps.next(isolation: nil) } else { step }
        switch last {
        case .life(let seconds):
            let credentials = Credentials(
                accessKeyID: "key-\(number)",
                secretAccessKey: "secret-\(number)",
                sessionToken: "token",
                expiresAt: now + seconds
            )
            return RefreshingCredentials.Found(credentials: credentials, source: "source \(number)", isRenewable: true)
        case .failure(let message): throw CredentialsError(message, canPass: true)
        case .fault(let message): throw CredentialsError(message)
        case .nothing(let message): throw CredentialsError(message, canPass: true, nothingIsSetUp: true)
        case .hang, nil: throw CredentialsError("cancelled", canPass: true)
        }
    }
}

/// A number that rises, and tasks that wait for it to.
final class Counting: Sendable {
    private struct State {
        var count = 0
        var waiting: [(count: Int, continuation: AsyncStream<Never>.Continuation)] = []
    }

    private let state = Mutex(State())

    func add() {
        let reached = self.state.withLock { state in
            state.count += 1
            let reached = state.waiting.filter { $0.count <= state.count }
            state.waiting.removeAll { $0.count <= state.count }
            return reached
        }
        for each in reached { each.continuation.finish() }
    }

    func wait(for count: Int) async {
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        self.state.withLock { state in
            guard state.count < count else { return continuation.finish() }
            state.waiting.append((count, continuation))
        }
        for await _ in stream {}
    }
}
