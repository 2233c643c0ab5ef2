import Synchronization
import Uploads

/// What the worker counts and measures while it serves.
///
/// Names follow https://prometheus.io/docs/practices/naming/; values of labels are words of the contract, of the S3 API or
/// of the code, never of a requester.
final class WorkerMetrics: Sendable {
    let requests = Counter(
        "upload_worker_requests_total",
        "Deliveries that were settled, by request and outcome: a result's type, an error's code, or retry.",
        labels: ["request", "outcome"]
    )
    let redeliveries = Counter(
        "upload_worker_redeliveries_total",
        "Deliveries that the broker had delivered before.",
        labels: ["request"],
        known: RequestKind.allCases.map { [$0.rawValue] }
    )
    let handling = Histogram(
        "upload_worker_request_duration_seconds",
        "From a delivery's arrival to its settlement, with what it waited for in between: its turn, its file's other requests, the session database.",
        label: "request"
    )
    let putBack = Counter(
        "upload_worker_requests_put_back_total",
        "Deliveries that could not be settled and were handed back to their queue."
    )
    let deadLetters = Counter(
        "upload_worker_dead_letters_total",
        "Requests that were dead-lettered, by code.",
        labels: ["code"],
        known: FailureCode.allCases.filter(\.isDeadLettered).map { [$0.rawValue] }
    )
    let storeCalls = Histogram(
        "upload_worker_s3_call_duration_seconds",
        "Calls to the store with their tries in place, by operation.",
        label: "operation"
    )
    let storeErrors = Counter(
        "upload_worker_s3_errors_total",
        "Calls to the store that failed after their tries in place, by operation and code.",
        labels: ["operation", "code"]
    )
    let storeRetries = Counter(
        "upload_worker_s3_retries_total",
        "Tries of calls to the store that failed and were repeated in place, by operation and code.",
        labels: ["operation", "code"]
    )
    let confirms = Histogram(
        "upload_worker_publish_confirm_duration_seconds",
        "From a publication to the broker's confirm."
    )
    let publications = Counter(
        "upload_worker_publications_total",
        "Publications by what became of them: confirmed, returned, unconfirmed, failed, or nacked and sent again.",
        labels: ["outcome"],
        known: [["confirmed"], ["failed"], ["nacked"], ["returned"], ["unconfirmed"]]
    )
    let swept = Counter(
        "upload_worker_sweep_ended_total",
        "What the sweep ended: expired sessions, sessions found completed, stray uploads; failed ones stay for the next.",
        labels: ["outcome"],
        known: [["completed"], ["expired"], ["failed"], ["stray"]]
    )
    let commitSizes = Histogram(
        "upload_worker_commit_batch_size",
        "Pieces of work that shared a commit of the session database.",
        bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
    )
    let shortenedURLs = Counter(
        "upload_worker_url_life_shortened_total",
        "Results whose URLs end before URL_EXPIRY, with the credentials that signed them."
    )
    let tooShortURLs = Counter(
        "upload_worker_url_life_too_short_total",
        "Results whose URLs end before MIN_URL_LIFE: no credentials that live longer were to be had."
    )
    let spansExported = Counter(
        "upload_worker_spans_exported_total",
        "Spans that the collector has taken."
    )
    let spansDropped = Counter(
        "upload_worker_spans_dropped_total",
        "Spans that were lost: the queue was full, or the collector refused them or could not be reached for too long.",
        labels: ["reason"],
        known: [["queue_full"], ["refused"], ["unavailable"]]
    )
    let retries: Counter
    let sessions = Gauge(
        "upload_worker_sessions",
        "Upload sessions in this worker's database, by state, as of a few seconds ago.",
        label: "state"
    )
    private let inFlight = Mutex(0)

    /// - Parameter schedule: its delays are shown from the start.
    init(schedule: RetrySchedule = RetrySchedule(milliseconds: [])) {
        self.retries = Counter(
            "upload_worker_retries_total",
            "Requests that were sent to a retry queue, by its delay.",
            labels: ["delay"],
            known: Set(schedule.milliseconds).map { [Self.delayName($0)] }
        )
    }

    private static func delayName(_ milliseconds: Int) -> String {
        Duration.milliseconds(milliseconds).settingText
    }

    var requestsInFlight: Int { self.inFlight.withLock(\.self) }

    var all: [any Metric] {
        [
            self.requests, self.redeliveries, self.handling, self.putBack, self.deadLetters, self.storeCalls,
            self.storeErrors, self.storeRetries, self.confirms, self.publications, self.swept, self.commitSizes,
            self.shortenedURLs, self.tooShortURLs,
            self.spansExported, self.spansDropped, self.retries, self.sessions,
        ]
    }

    func settled(_ settlement: Settlement, of kind: RequestKind, after duration: Duration) {
        self.requests.add([kind.rawValue, settlement.outcomeName])
        self.handling.observe(duration, kind.rawValue)
        switch settlement {
        case .answer: break
        case .answerAndDeadLetter(_, let letter): self.deadLetters.add([letter.code.rawValue])
        case .retry(let step): self.retries.add([Self.delayName(step.delayMilliseconds)])
        }
    }

    func inFlight(_ body: () async -> Void) async {
        self.inFlight.withLock { $0 += 1 }
        await body()
        self.inFlight.withLock { $0 -= 1 }
    }
}
