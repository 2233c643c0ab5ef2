import AMQP
import Uploads

/// Looks at the broker as the worker would use it, and changes nothing there.
struct BrokerCheck: Sendable {
    let settings: BrokerSettings
    let retries: RetrySchedule
    let replyExchange: String
    let limit: Duration

    func run() async -> [CheckResult] {
        let looks = await withTaskGroup(of: (Int, BrokerInspection).self) { group in
            for (index, url) in self.settings.urls.enumerated() {
                group.addTask { (index, await self.look(at: url)) }
            }
            var looks: [Int: BrokerInspection] = [:]
            for await (index, look) in group { looks[index] = look }
            return looks
        }
        let found = self.settings.urls.enumerated().map { index, url in (url, looks[index] ?? BrokerInspection()) }
        return BrokerFindings(settings: self.settings, looks: found).results
    }

    private func look(at url: BrokerURL) async -> BrokerInspection {
        await inspectBroker(
            at: url,
            self.questions,
            configuration: self.settings.connection(named: "upload-worker check"),
            atMost: self.limit
        )
    }

    /// What a worker does with its broker, `Publications` and `Consumer` above all.
    private var questions: BrokerQuestions {
        let names = self.settings.topology
        let retries = self.retries.milliseconds.map { names.retryQueue(delayMilliseconds: $0) }
        return BrokerQuestions(
            topology: Topology(names, retries: self.retries, replyExchange: self.replyExchange),
            declares: self.settings.declaresTopology,
            reads: names.requestQueues,
            // A routing key of no queue of ours: the exchange of replies takes those to queues of any name.
            writes: [(self.replyExchange, "\(names.prefix).check"), (names.results, "started"), (names.dead, "start")]
                + Set(retries).sorted().map { ($0, "start") }
        )
    }
}
