import Logging

/// Sends finished spans to the collector, batch after batch. Whatever the collector does, no request waits for it.
struct SpanExporter: Sendable {
    let queue: SpanQueue
    private let settings: TraceSettings
    private let resource: [SpanAttribute]
    private let send: @Sendable ([UInt8]) async -> ExportAnswer
    private let pause: @Sendable (Duration) async throws -> Void
    private let serve: @Sendable () async throws -> Void
    private let metrics: WorkerMetrics
    private let logger: Logger
    private let trouble = ExportTrouble()

    init(_ settings: TraceSettings, metrics: WorkerMetrics, logger: Logger) {
        let collector = Collector(settings)
        self.init(
            settings,
            metrics: metrics,
            serve: { try await collector.run() },
            send: { await collector.send($0) },
            logger: logger
        )
    }

    /// - Parameters:
    ///   - serve: runs what `send` needs, until cancelled.
    ///   - pause: waits, or throws when cancelled.
    init(
        _ settings: TraceSettings,
        metrics: WorkerMetrics,
        serve: @escaping @Sendable () async throws -> Void = {},
        send: @escaping @Sendable ([UInt8]) async -> ExportAnswer,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        logger: Logger
    ) {
        self.queue = SpanQueue(limit: settings.queueLimit, batchSize: settings.batchSize, metrics: metrics)
        self.settings = settings
        self.resource = settings.resource
        self.send = send
        self.pause = pause
        self.serve = serve
        self.metrics = metrics
        self.logger = logger
    }

    /// Exports until cancelled.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.serve() }
            group.addTask {
                while true {
                    try await self.pause(self.settings.scheduleDelay)
                    self.queue.bell.ring()
                }
            }
            for await _ in self.queue.bell.rings { await self.exportAll() }
            try await group.waitForAll()
        }
    }

    /// Exports what there is, before the process ends; gives up after `limit`.
    func flush(within limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.queue.drained() }
            group.addTask { try? await self.pause(limit) }
            await group.next()
            group.cancelAll()
        }
        let left = self.queue.count
        guard left > 0 else { return }
        self.logger.warning("Spans lost at the end", metadata: ["otel.spans": .stringConvertible(left)])
    }

    private func exportAll() async {
        while let batch = self.queue.take() {
            await self.export(batch)
            self.queue.finished(batch)
        }
    }

    private func export(_ batch: [FinishedSpan]) async {
        let body = ExportRequest(resource: self.resource, spans: batch).json()
        var pauses = ExportPauses(longest: self.settings.exportTimeout)
        while true {
            let began = ContinuousClock.now
            let answer = await self.send(body)
            pauses.spend(.now - began)
            switch answer {
            case .taken(let rejected):
                self.metrics.spansExported.add([], Double(max(0, batch.count - rejected)))
                if rejected > 0 { self.drop(rejected, "refused", "rejected by the collector") }
                if self.trouble.ended() { self.logger.notice("Spans exported again") }
                return
            case .refused(let reason):
                return self.drop(batch.count, "refused", reason)
            case .later(let asked, let reason):
                guard let pause = pauses.next(asked, random: .random(in: 0..<1)) else {
                    return self.drop(batch.count, "unavailable", reason)
                }
                do {
                    try await self.pause(pause)
                } catch {
                    // Cancelled: the process is ending.
                    return self.drop(batch.count, "unavailable", reason)
                }
            }
        }
    }

    /// Said once for each time of trouble; the metric counts on.
    private func drop(_ count: Int, _ reason: String, _ words: String) {
        self.metrics.spansDropped.add([reason], Double(count))
        let level: Logger.Level = self.trouble.began() ? .warning : .debug
        self.logger.log(
            level: level,
            "Spans not exported",
            metadata: [
                "otel.endpoint": "\(self.settings.endpoint)", "otel.spans": .stringConvertible(count),
                "otel.reason": "\(words)",
            ]
        )
    }
}
