package import FoundationEssentials
package import Logging

/// S3 multipart uploads of one bucket.
///
/// `run()` owns the one thread that speaks HTTP; calls made before it starts wait for it. Every call signs afresh, and
/// is made again in place where its failure can pass.
package final class S3Client: Sendable {
    let configuration: S3Configuration
    let location: BucketLocation
    let publicLocation: BucketLocation
    let credentials: any CredentialsProvider
    private let retryPolicy: RetryPolicy
    private let retryBudget = RetryBudget()
    private let signingKeys: SigningKeyCache
    private let http: HTTPClient
    private let now: @Sendable () -> Date
    private let retried: @Sendable (S3Error) -> Void
    private let logger: Logger

    /// - Parameter retried: told why, before a call is made again in place.
    package init(
        configuration: S3Configuration,
        credentials: any CredentialsProvider,
        logger: Logger,
        retryPolicy: RetryPolicy = RetryPolicy(),
        now: @escaping @Sendable () -> Date = { Date() },
        retried: @escaping @Sendable (S3Error) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.location = BucketLocation(
            bucket: configuration.bucket,
            custom: configuration.endpoint,
            region: configuration.region,
            style: configuration.addressingStyle
        )
        self.publicLocation = BucketLocation(
            bucket: configuration.bucket,
            custom: configuration.publicEndpoint ?? configuration.endpoint,
            region: configuration.region,
            style: configuration.addressingStyle
        )
        self.credentials = credentials
        self.retryPolicy = retryPolicy
        self.signingKeys = SigningKeyCache(region: configuration.region)
        self.http = HTTPClient(
            settings: TransferSettings(
                timeout: configuration.timeout,
                caFile: configuration.caFile,
                maxConnections: configuration.maxConnections
            )
        )
        self.now = now
        self.retried = retried
        self.logger = logger
    }

    /// Serves the calls until cancelled; those then under way end as cancelled. Runs once.
    package func run() async throws {
        try await self.http.run()
    }
}

extension S3Client {
    /// Makes the call until it succeeds, cannot, or has had its tries.
    ///
    /// An error tells the outcome unknown where any of the tries left it so: the last may well say "no such upload" of
    /// one that the first, unheard, has completed.
    func call<Value: Sendable>(
        _ request: S3Request,
        reading: (S3Response) throws(S3Error) -> Value
    ) async throws(S3Error) -> Value {
        try await self.callNotingLostTries(request, reading: reading).value
    }

    /// The same; also says whether a try before the one that succeeded may have taken effect unheard.
    func callNotingLostTries<Value: Sendable>(
        _ request: S3Request,
        reading: (S3Response) throws(S3Error) -> Value
    ) async throws(S3Error) -> (value: Value, hasLostTries: Bool) {
        var attempt = 1
        var outcomeIsUnknown = false
        var cost: Int?
        while true {
            do {
                let response = try await self.send(request)
                outcomeIsUnknown = outcomeIsUnknown || Self.mayHaveTakenEffectBefore(request, response.http)
                let value = try reading(response)
                self.retryBudget.refund(cost)
                return (value, outcomeIsUnknown)
            } catch {
                outcomeIsUnknown = outcomeIsUnknown || error.outcomeIsUnknown
                var final = error
                final.outcomeIsUnknown = outcomeIsUnknown
                guard let delay = self.retryPolicy.delay(after: attempt, error) else { throw final }
                cost = self.retryBudget.pay(for: error)
                guard cost != nil else { throw final }
                self.retried(error)
                self.log(error, attempt: attempt)
                // Revoked, or a clock is wrong. Others may be had, and who asks too often is declined.
                if error.saysCredentialsHaveEnded { await self.credentials.renew(until: .distantFuture) }
                try await self.pause(delay, before: request, outcomeIsUnknown: outcomeIsUnknown)
                attempt += 1
            }
        }
    }

    /// A key for signatures of this moment.
    func signingKey(for operation: S3Operation, at date: SigningDate) async throws(S3Error) -> SigningKey {
        do {
            return self.signingKeys.key(for: try await self.credentials.credentials(), at: date)
        } catch {
            throw S3Error(operation, credentials: error)
        }
    }

    private func send(_ request: S3Request) async throws(S3Error) -> S3Response {
        let response = try await self.sendOnce(request)
        do {
            return try S3Response(response, to: request, region: self.configuration.region)
        } catch {
            var error = error
            error.outcomeIsUnknown = error.outcomeIsUnknown || Self.mayHaveTakenEffectBefore(request, response)
            throw error
        }
    }

    /// The answer, whatever it says.
    func sendOnce(_ request: S3Request) async throws(S3Error) -> HTTPResponse {
        let date = SigningDate(self.now())
        let key = try await self.signingKey(for: request.operation, at: date)
        let signed = RequestSigner(location: self.location).sign(request, with: key, at: date)
        do {
            return try await self.http.send(signed)
        } catch {
            throw S3Error(request.operation, failure: error)
        }
    }

    private static func mayHaveTakenEffectBefore(_ request: S3Request, _ response: HTTPResponse) -> Bool {
        response.wasSentAgain && request.operation.changesTheStore
    }

    private func pause(_ delay: Duration, before request: S3Request, outcomeIsUnknown: Bool) async throws(S3Error) {
        do {
            try await self.retryPolicy.sleep(delay)
        } catch {
            throw .cancelled(request.operation, outcomeIsUnknown: outcomeIsUnknown)
        }
    }

    private func log(_ error: S3Error, attempt: Int) {
        self.logger.debug(
            "Calling the store again",
            metadata: [
                "s3.operation": "\(error.operation.rawValue)", "s3.code": "\(error.code)", "s3.attempt": "\(attempt)",
                "s3.message": "\(error.message)",
            ]
        )
    }
}
