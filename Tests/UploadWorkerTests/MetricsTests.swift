import Testing
import Uploads

@testable import UploadWorker

@Suite("Metrics")
struct MetricsTests {
    private static func page(_ metric: any Metric) -> [Substring] {
        var page = MetricsPage()
        metric.write(to: &page)
        return page.text.split(separator: "\n")
    }

    @Test("stay within their limit whatever values come, and lose no count")
    func bounded() {
        let counter = Counter("c_total", "help", labels: ["operation", "code"])
        for number in 0..<10_000 { counter.add(["Create", "code-\(number)"]) }
        counter.add(["Create", "code-7"])
        let samples = Self.page(counter).filter { !$0.hasPrefix("#") }
        #expect(samples.count == Counter.limit + 1)
        #expect(samples.contains(#"c_total{operation="Create",code="code-7"} 2"#))
        #expect(samples.contains(#"c_total{operation="Create",code="other"} \#(10_000 - Counter.limit)"#))
    }

    @Test("hold a value on one line and in its quotes")
    func escaped() {
        let counter = Counter("c_total", "help", labels: ["code"])
        counter.add(["a\"b\\c\nd_total 7"])
        #expect(Self.page(counter).last == #"c_total{code="a\"b\\c\nd_total 7"} 1"#)
    }

    @Test("are shown from the start where their values are known")
    func known() {
        let metrics = WorkerMetrics(schedule: RetrySchedule(milliseconds: [1000, 1000, 600_000]))
        #expect(
            Self.page(metrics.retries).dropFirst(2) == [
                #"upload_worker_retries_total{delay="10m"} 0"#, #"upload_worker_retries_total{delay="1s"} 0"#,
            ]
        )
    }

    @Test("count a retry by its delay, and no dead letter with it")
    func retries() {
        let metrics = WorkerMetrics(schedule: RetrySchedule(milliseconds: [1000]))
        let step = RetryStep(
            delayMilliseconds: 1000,
            attempts: Attempts(count: 1, retriesDone: 1, firstFailedAt: nil)
        )
        metrics.settled(.retry(step), of: .start, after: .milliseconds(3))
        #expect(Self.page(metrics.retries).last == #"upload_worker_retries_total{delay="1s"} 1"#)
        #expect(Self.page(metrics.deadLetters).allSatisfy { $0.hasPrefix("#") || $0.hasSuffix(" 0") })
    }

    @Test("of a moment show what was read last, and nothing of before")
    func gauge() {
        let gauge = Gauge("g", "help", label: "state")
        #expect(Self.page(gauge) == ["# HELP g help", "# TYPE g gauge"])
        gauge.set(["b": 1, "a": 2])
        #expect(Self.page(gauge).dropFirst(2) == [#"g{state="a"} 2"#, #"g{state="b"} 1"#])
        gauge.set(["a": 0])
        #expect(Self.page(gauge).dropFirst(2) == [#"g{state="a"} 0"#])
    }
}
