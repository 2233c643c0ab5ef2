import Logging

extension Worker {
    /// One line that says what this process is and what it works with; no setting that may hold a secret.
    func logStart() {
        let names = self.settings.broker.topology
        self.logger.info(
            "Starting",
            metadata: [
                "process.version": "\(ProgramVersion.current)",
                "amqp.queues": .array(names.requestQueues.map { .string($0) }),
                "amqp.prefetch": .stringConvertible(Int(self.settings.broker.prefetch)),
                "s3.bucket": "\(self.settings.store.configuration.bucket)",
                "session.database": "\(self.settings.sessions.database)",
            ]
        )
    }
}
