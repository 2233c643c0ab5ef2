import CRabbitMQ
import Glibc

/// Runs `body` on a thread of its own, and waits for its result without holding up anyone else's.
///
/// The stack is 16 MiB: librabbitmq decodes nested header tables by recursion, and a client may nest 20,000.
func onBrokerThread<Value: Sendable>(
    named name: String,
    _ body: @escaping @Sendable () -> Value
) async throws(ThreadError) -> Value {
    let result: Result<Value, ThreadError> = await withCheckedContinuation { continuation in
        let code = startThread(named: name) { continuation.resume(returning: .success(body())) }
        if code != 0 { continuation.resume(returning: .failure(ThreadError(code: code))) }
    }
    return try result.get()
}

/// The system gave no thread.
struct ThreadError: Error {
    let code: Int32
}

private final class ThreadStart: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

/// Begins `body` on a thread of its own with such a stack, and returns the system's error, or 0.
func startThread(named name: String, _ body: @escaping @Sendable () -> Void) -> Int32 {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, 16 << 20)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let start = Unmanaged.passRetained(ThreadStart(name: name, body: body))
    var thread = pthread_t()
    let code = pthread_create(
        &thread,
        &attributes,
        { argument in
            guard let argument else { return nil }
            let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
            crabbitmq_name_thread(start.name)
            start.body()
            return nil
        },
        start.toOpaque()
    )
    if code != 0 { start.release() }
    return code
}
