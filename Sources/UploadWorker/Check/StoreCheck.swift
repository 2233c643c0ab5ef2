import Foundation
import Logging
import S3
import Uploads

/// Looks at the store as the worker would use it, and leaves nothing there.
struct StoreCheck: Sendable {
    let settings: StoreSettings
    let rules: UploadRules
    let sessions: SessionSettings
    let limit: Duration

    private var findings: StoreFindings {
        StoreFindings(settings: self.settings, keyPrefix: self.rules.keyTemplate.literalPrefix, sessions: self.sessions)
    }

    func run() async -> [CheckResult] {
        let origin: CredentialsOrigin
        do throws(CredentialsError) {
            origin = try await self.origin()
        } catch {
            let remedy = "export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile in AWS_PROFILE"
            return [.failure("store.credentials", error.message, remedy: remedy)]
        }
        let client = self.makeClient()
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Ends as cancelled, or never began, which the calls' time limit shows.
                try? await client.run()
            }
            defer { group.cancelAll() }
            return await self.results(client, origin)
        }
    }

    private func origin() async throws(CredentialsError) -> CredentialsOrigin {
        let found = await within(self.limit) { () -> Result<CredentialsOrigin, CredentialsError> in
            do throws(CredentialsError) {
                return .success(try await self.settings.credentialsOrigin())
            } catch {
                return .failure(error)
            }
        }
        guard let found else {
            throw CredentialsError("no credentials within \(self.limit.settingText)", canPass: true)
        }
        return try found.get()
    }

    /// Of two tries: a check wants to know soon.
    private func makeClient() -> S3Client {
        var configuration = self.settings.configuration
        configuration.timeout = min(configuration.timeout, self.limit)
        return S3Client(
            configuration: configuration,
            credentials: self.settings.credentials,
            logger: Logger(label: "check") { _ in SwiftLogNoOpLogHandler() },
            retryPolicy: RetryPolicy(tries: 2)
        )
    }

    private func results(_ client: S3Client, _ origin: CredentialsOrigin) async -> [CheckResult] {
        let (findings, key) = (self.findings, StoreProbe.key(self.rules.keyTemplate))
        let answer =
            await within(self.limit) { await client.inspectBucket(prefix: key) }
            ?? BucketAnswer(error: self.tooLate(.listMultipartUploads), date: Date())
        let endpoint = findings.endpoint(answer, address: client.address)
        var results = [findings.credentials(origin, answer), endpoint]
        if answer.error?.status != nil || answer.error == nil {
            results += [findings.region(answer), findings.bucket(answer)].compactMap(\.self)
        }
        if !StoreFindings.isFinal(answer, region: self.settings.configuration.region) {
            async let probe = StoreProbe(
                client: client,
                key: key,
                limit: self.limit,
                caFile: self.settings.configuration.caFile,
                putsInTheClear: findings.publicIsInTheClear
            ).run()
            async let head = self.ask(.headObject) { () throws(S3Error) in try await client.headObject(key: key) }
            async let cors = self.ask(.getBucketCors) { () throws(S3Error) in try await client.corsRules() }
            async let abort = self.ask(.getBucketLifecycle) { () throws(S3Error) in try await client.abortRules() }
            results += await probe
            results += [
                findings.objects(await head), findings.cors(await cors), findings.lifecycle(await abort),
            ]
        }
        if let clock = findings.clock(answer) { results.append(clock) }
        return results + [findings.urls(origin, publicAddress: client.publicAddress, now: Date())]
    }

    private func ask<Value: Sendable>(
        _ operation: S3Operation,
        _ call: @escaping @Sendable () async throws(S3Error) -> Value
    ) async -> Result<Value, S3Error> {
        await within(self.limit) { await Result(call) } ?? .failure(self.tooLate(operation))
    }

    private func tooLate(_ operation: S3Operation) -> S3Error {
        S3Error(
            operation: operation,
            kind: .passing,
            code: "TimedOut",
            message: "no answer in \(self.limit.settingText)"
        )
    }
}

extension Result where Failure == S3Error {
    init(_ call: @Sendable () async throws(S3Error) -> Success) async {
        do throws(S3Error) {
            self = .success(try await call())
        } catch {
            self = .failure(error)
        }
    }
}
