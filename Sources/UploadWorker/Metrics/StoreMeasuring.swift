import Foundation
import S3

/// Measures every call to the store, and notes that it answers, or may refuse every call.
struct StoreMeasuring: StoreInterceptor {
    let metrics: WorkerMetrics
    let contact: StoreContact

    func around<Value>(
        _ call: StoreCall,
        _ body: () async throws(S3Error) -> Value
    ) async throws(S3Error) -> Value {
        let began = ContinuousClock.now
        do {
            let value = try await body()
            self.metrics.storeCalls.observe(.now - began, call.operation.rawValue)
            self.contact.answered()
            return value
        } catch {
            if error.isAnswer { self.contact.answered() }
            self.metrics.storeCalls.observe(.now - began, call.operation.rawValue)
            self.metrics.storeErrors.add([call.operation.rawValue, error.code])
            if error.kind == .permanent, error.refusesEverything { self.contact.suspected() }
            throw error
        }
    }

    func signed(_ parts: PresignedParts, asked: Duration, now: Date) {
        // Whole seconds: a second less is no shortening.
        if parts.expiresAt.timeIntervalSince(now) < asked.inSeconds - 2 { self.metrics.shortenedURLs.add() }
    }
}
