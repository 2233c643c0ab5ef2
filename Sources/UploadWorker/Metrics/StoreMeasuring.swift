import Foundation
import S3

/// Measures every call to the store, and notes that it answers, or may refuse every call.
struct StoreMeasuring: StoreInterceptor {
    let metrics: WorkerMetrics
    let contact: StoreContact
    /// `MIN_URL_LIFE`
    let minimumURLLife: Duration

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
            if error.kind == .permanent, error.refusesEverything { self.contact.suspected() }
            self.metrics.storeCalls.observe(.now - began, call.operation.rawValue)
            self.metrics.storeErrors.add([call.operation.rawValue, error.code])
            throw error
        }
    }

    func signed(_ parts: PresignedParts, asked: Duration, now: Date) {
        // Whole seconds: a second less is no shortening.
        let life = parts.expiresAt.timeIntervalSince(now) + 2
        if life < asked.inSeconds { self.metrics.shortenedURLs.add() }
        if life < min(asked, self.minimumURLLife).inSeconds { self.metrics.tooShortURLs.add() }
    }
}
