import Logging
import Synchronization
import Testing

@testable import UploadWorker

/// A collector by script, and the pauses that were made between its answers.
private final class Script: Sendable {
    private let answers: Mutex<[ExportAnswer]>
    private let sent = Mutex<[[UInt8]]>([])
    private let paused = Mutex<[Duration]>([])

    init(_ answers: [ExportAnswer]) { self.answers = Mutex(answers) }

    var sendings: Int { self.sent.withLock(\.count) }
    var pauses: [Duration] { self.paused.withLock { $0 } }

    func answer(_ body: [UInt8]) -> ExportAnswer {
        self.sent.withLock { $0.append(body) }
        return self.answers.withLock { $0.isEmpty ? .taken(rejected: 0) : $0.removeFirst() }
    }

    func note(_ pause: Duration) { self.paused.withLock { $0.append(pause) } }
}

@Suite("Span exporter", .timeLimit(.minutes(1)))
struct SpanExporterTests {
    private let metrics = WorkerMetrics()

    private static func settings(_ changes: [String: String] = [:]) throws -> TraceSettings {
        let base = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_BSP_SCHEDULE_DELAY": "86400000"]
        return try #require(try TraceSettings(try SettingsSource(environment: base.merging(changes) { $1 })))
    }

    private func exporter(_ script: Script, _ changes: [String: String] = [:]) throws -> SpanExporter {
        let settings = try Self.settings(changes)
        return SpanExporter(
            settings,
            metrics: self.metrics,
            send: { script.answer($0) },
            pause: { pause in
                // The two that are not between tries end with their task.
                guard pause < .seconds(3600) else { return try await Task.sleep(for: pause) }
                script.note(pause)
            },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Appends so many spans, exports all that can be, and ends.
    private func export(_ count: Int, through exporter: SpanExporter) async {
        for _ in 0..<count { exporter.queue.append(.example) }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await exporter.run() }
            await exporter.queue.drained()
            group.cancelAll()
        }
    }

    private func value(_ metric: Counter, _ labels: String = "") -> Double? {
        var page = MetricsPage()
        metric.write(to: &page)
        let line = page.text.split(separator: "\n").first { $0.hasPrefix("\(metric.name)\(labels) ") }
        return line.flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
    }

    private func dropped(_ reason: String) -> Double? {
        self.value(self.metrics.spansDropped, "{reason=\"\(reason)\"}")
    }

    @Test("sends batches of at most their size")
    func batches() async throws {
        let script = Script([])
        await self.export(7, through: try self.exporter(script, ["OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "3"]))
        #expect(script.sendings == 3)
        #expect(self.value(self.metrics.spansExported) == 7)
    }

    @Test("drops what the queue has no room for: one below, at it, one above", arguments: [(9, 0), (10, 0), (11, 1)])
    func full(count: Int, lost: Int) async throws {
        let exporter = try self.exporter(Script([]), ["OTEL_BSP_MAX_QUEUE_SIZE": "10"])
        await self.export(count, through: exporter)
        #expect(self.dropped("queue_full") == Double(lost))
        #expect(self.value(self.metrics.spansExported) == Double(count - lost))
    }

    @Test("sends again what may be taken later, after as long as was asked, and more and more by itself")
    func later() async throws {
        let script = Script([.later(.seconds(5), reason: "busy"), .later(nil, reason: "busy")])
        await self.export(1, through: try self.exporter(script))
        #expect(script.sendings == 3)
        #expect(script.pauses.first == .seconds(5))
        #expect(script.pauses.dropFirst().allSatisfy { (.milliseconds(500) ... .seconds(1)).contains($0) })
        #expect(self.value(self.metrics.spansExported) == 1)
    }

    @Test("gives up when a collector asks for longer than a batch may take")
    func tooLong() async throws {
        for (seconds, sendings) in [(29, 2), (31, 1)] {
            let script = Script([.later(.seconds(seconds), reason: "busy")])
            await self.export(1, through: try self.exporter(script))
            #expect(script.sendings == sendings)
        }
        #expect(self.dropped("unavailable") == 1)
    }

    @Test("gives up in the end, also on one that asks for no pause at all")
    func never() async throws {
        let script = Script(Array(repeating: .later(.zero, reason: "busy"), count: 1000))
        await self.export(2, through: try self.exporter(script))
        #expect((100...301).contains(script.sendings))
        #expect(self.dropped("unavailable") == 2)
    }

    @Test("does not send again what is refused, and counts what is rejected of a batch")
    func refused() async throws {
        let script = Script([.refused(reason: "status 400")])
        await self.export(3, through: try self.exporter(script))
        await self.export(3, through: try self.exporter(Script([.taken(rejected: 2)])))
        #expect(script.sendings == 1)
        #expect(self.dropped("refused") == 5)
        #expect(self.value(self.metrics.spansExported) == 1)
    }

    @Test("flushes what there is, and waits no longer than it may for a collector that hangs")
    func flush() async throws {
        let script = Script([])
        await self.flush(through: try self.exporter { script.answer($0) })
        #expect(script.sendings == 1)
        #expect(self.value(self.metrics.spansExported) == 1)
        await self.flush(
            through: try self.exporter { _ in
                for await _ in AsyncStream<Never>.makeStream().stream {}
                return .refused(reason: "cancelled")
            }
        )
        #expect(self.value(self.metrics.spansExported) == 1)
    }

    private func exporter(_ send: @escaping @Sendable ([UInt8]) async -> ExportAnswer) throws -> SpanExporter {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return SpanExporter(try Self.settings(), metrics: self.metrics, send: send, logger: logger)
    }

    private func flush(through exporter: SpanExporter) async {
        exporter.queue.append(.example)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await exporter.run() }
            await exporter.flush(within: .milliseconds(500))
            group.cancelAll()
        }
    }
}

extension FinishedSpan {
    fileprivate static let example = FinishedSpan(
        trace: Sampler(rule: .always, followsCaller: true).trace(nil, newID: (1, 2)),
        id: "00000000000000ab",
        parentID: nil,
        name: "process",
        kind: .consumer,
        startedAt: 1,
        took: .seconds(1),
        attributes: [],
        errorType: nil
    )
}
