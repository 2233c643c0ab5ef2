import AMQP
import Foundation

/// The page `/metrics`: what was counted, and how things stand at this moment.
struct WorkerMetricsPage: Sendable {
    let metrics: WorkerMetrics
    let readiness: Readiness
    let deadLetters: QueueDepth

    var text: String {
        var page = MetricsPage()
        for metric in self.metrics.all { metric.write(to: &page) }
        self.writeState(to: &page)
        self.writeCredentials(to: &page)
        self.writeDeadLetters(to: &page)
        self.writeBuild(to: &page)
        ProcessFigures.write(to: &page)
        return page.text
    }

    private func writeState(to page: inout MetricsPage) {
        page.gauge(
            "upload_worker_requests_in_flight",
            "Deliveries that are being handled.",
            Double(self.metrics.requestsInFlight)
        )
        page.gauge("upload_worker_ready", "Whether /readyz says ready.", self.readiness.reasons.isEmpty ? 1 : 0)
        self.writeConditions(to: &page)
        page.gauge(
            "upload_worker_taking_requests",
            "Whether requests are taken: 0 while the store is down, the session database takes no writes or the broker no results.",
            self.readiness.outages.reason == nil ? 1 : 0
        )
        page.begin(
            "upload_worker_broker_reconnects_total",
            .counter,
            "Connections to the broker that were made again after they were lost."
        )
        for connection in self.readiness.connectionStates {
            page.sample(
                "upload_worker_broker_reconnects_total",
                [("connection", connection.name)],
                Double(connection.reconnections)
            )
        }
        page.begin(
            "upload_worker_broker_connection_up",
            .gauge,
            "Whether messages pass through the connection: 0 while it is being made, lost or blocked by the broker."
        )
        for connection in self.readiness.connectionStates {
            let isUp = connection.status == .connected
            page.sample("upload_worker_broker_connection_up", [("connection", connection.name)], isUp ? 1 : 0)
        }
    }

    private func writeConditions(to page: inout MetricsPage) {
        page.begin("upload_worker_ready_condition", .gauge, "What /readyz says of each condition of being ready.")
        for condition in Readiness.Condition.allCases {
            let isMet = self.readiness.reason(condition) == nil
            page.sample("upload_worker_ready_condition", [("condition", condition.rawValue)], isMet ? 1 : 0)
        }
    }

    private func writeCredentials(to page: inout MetricsPage) {
        let name = "upload_worker_credentials_expiry_timestamp_seconds"
        page.begin(name, .gauge, "When the credentials for the store end; no sample where they do not.")
        guard let end = self.readiness.credentials.expiration else { return }
        page.sample(name, [], end.timeIntervalSince1970.rounded(.down))
    }

    private func writeDeadLetters(to page: inout MetricsPage) {
        let name = "upload_worker_dead_letters_waiting"
        page.begin(
            name,
            .gauge,
            "Dead letters in their queue, as of a few seconds ago; no sample while the broker does not tell."
        )
        guard let count = self.deadLetters.messages else { return }
        page.sample(name, [], Double(count))
    }

    private func writeBuild(to page: inout MetricsPage) {
        let name = "upload_worker_build_info"
        page.begin(name, .gauge, "Always 1; which version this is.")
        page.sample(name, [("version", ProgramVersion.current)], 1)
    }
}
