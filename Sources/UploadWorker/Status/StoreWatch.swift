import Logging
import S3

/// Finds out, without a request, whether the store answers, and whether it lets this worker do what requests need.
///
/// It looks when the worker starts, whenever the store was not heard of for a while, and as long as it refuses.
struct StoreWatch: Sendable {
    /// Any call that changes nothing.
    let askForBucket: @Sendable () async throws(S3Error) -> Void
    /// A call that needs the right to write, and changes nothing.
    var askToWrite: @Sendable () async throws(S3Error) -> Void
    let refusal: StoreRefusal
    let contact: StoreContact
    let logger: Logger
    /// For the store's answer: less than its own time-out and the tries in place would take.
    var patience = Duration.seconds(10)

    private static let interval = Duration.seconds(5)
    /// A store that answers requests is not asked besides.
    private static let quiet = Duration.seconds(10)

    private enum Finding {
        case answers, serves
        case refuses(String)
        case fails(String)
    }

    /// Runs until cancelled.
    func run() async throws {
        while true {
            if self.contact.isSuspected || self.contact.isQuiet(for: Self.quiet) { await self.look() }
            try await Task.sleep(for: Self.interval)
        }
    }

    func look() async {
        let finding = await withTaskGroup(of: Finding?.self) { group in
            group.addTask { await self.finding() }
            group.addTask { await self.endOfPatience() }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        switch finding {
        case .answers: self.contact.answered()
        case .serves: if self.contact.served() { self.logger.notice("The store serves again") }
        case .refuses(let reason): self.refuses(reason)
        case .fails(let failure): self.contact.failed(failure)
        case nil: break
        }
    }

    private func refuses(_ reason: String) {
        guard self.contact.refused(reason) else { return }
        self.logger.error("The store refuses every request", metadata: ["store.reason": "\(reason)"])
    }

    /// Nil where the worker ends before.
    private func finding() async -> Finding? {
        if !self.contact.isSuspected, let finding = await self.bucketFinding() { return finding }
        do throws(S3Error) {
            try await self.askToWrite()
            return .serves
        } catch {
            if error.kind == .cancelled { return nil }
            if let reason = self.refusal.reason(error) { return .refuses(reason) }
            guard error.kind == .passing else { return .serves }
            // Some stores fail where others say that there is no such upload: to ask for the bucket tells them apart.
            if error.status != nil, await !self.bucketFails() { return .serves }
            return .fails(error.code)
        }
    }

    private func bucketFails() async -> Bool {
        if case .fails? = await self.bucketFinding() { true } else { false }
    }

    /// Nil where the answer does not tell: the answer to HEAD has no body, and so no code, and who may write need not be
    /// allowed to ask for the bucket.
    private func bucketFinding() async -> Finding? {
        do throws(S3Error) {
            try await self.askForBucket()
            return .answers
        } catch {
            return error.kind == .passing ? .fails(error.code) : nil
        }
    }

    /// Nil where the worker ends before.
    private func endOfPatience() async -> Finding? {
        do {
            try await Task.sleep(for: self.patience)
            return .fails("nothing for \(self.patience.settingText)")
        } catch {
            return nil
        }
    }
}

extension StoreWatch {
    init(store: any MultipartStore, settings: Settings, contact: StoreContact, logger: Logger, unmeasured: S3Client) {
        let key = StoreProbe.key(settings.rules.keyTemplate)
        self.init(
            askForBucket: { () throws(S3Error) in try await store.headBucket() },
            askToWrite: { () throws(S3Error) in try await unmeasured.proveWritable(key: key) },
            refusal: StoreRefusal(
                bucket: settings.store.configuration.bucket,
                region: settings.store.configuration.region,
                key: key
            ),
            contact: contact,
            logger: logger
        )
    }
}

extension S3Client {
    /// Completes an upload that never was: that takes the rights to start one, has an answer with a body, and does nothing.
    fileprivate func proveWritable(key: String) async throws(S3Error) {
        _ = try await self.completeMultipartUpload(
            key: key,
            uploadID: "upload-worker-check",
            parts: [(number: 1, etag: "d41d8cd98f00b204e9800998ecf8427e")]
        )
    }
}
