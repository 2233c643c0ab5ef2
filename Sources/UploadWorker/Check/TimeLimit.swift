import Dispatch
import Synchronization

/// What `body` returns, or nil where it takes longer than `limit`: it is cancelled then, and waited for.
func within<Value: Sendable>(_ limit: Duration, _ body: @escaping @Sendable () async -> Value) async -> Value? {
    await withTaskGroup(of: Value?.self) { group in
        group.addTask { await body() }
        group.addTask {
            // Cancelled once the value is there.
            try? await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        return await group.next() ?? nil
    }
}

/// What `body`, which blocks its thread, returns, or nil where it takes longer than `limit`: it is left behind then.
func blocking<Value: Sendable>(atMost limit: Duration, _ body: @escaping @Sendable () -> Value) async -> Value? {
    await withCheckedContinuation { continuation in
        let first = FirstValue(continuation)
        DispatchQueue.global().async { first.give(body()) }
        DispatchQueue.global().asyncAfter(deadline: .now() + limit.inSeconds) { first.give(nil) }
    }
}

/// Resumes a continuation with the first of several values.
private final class FirstValue<Value: Sendable>: Sendable {
    private let continuation: Mutex<CheckedContinuation<Value?, Never>?>

    init(_ continuation: CheckedContinuation<Value?, Never>) {
        self.continuation = Mutex(continuation)
    }

    func give(_ value: Value?) {
        let continuation = self.continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
        continuation?.resume(returning: value)
    }
}
