import AMQP
import Foundation
import Logging
import Uploads

@testable import UploadWorker

/// What a process has of its own, and loses with it.
struct WorkerProcess: Sendable {
    let id: Int
    let locks = FileLocks()
    let outages = Outages(storeAfter: 0)

    private static let publications = Publications(names: World.names, replyToPattern: nil)

    func handle(_ delivery: Int, of run: CrashRun) async {
        let seat = Seat(run: run, process: self.id, delivery: delivery)
        await run.wait(for: seat)
        let handler = DeliveryHandler(
            settings: CrashSettings.shared,
            requests: self.requests(seat),
            publications: Self.publications,
            locks: self.locks,
            settler: WorldSettler(seat: seat),
            publisher: StepPublisher(publisher: WorldPublisher(seat: seat), replies: WorldPublisher(seat: seat)),
            outages: self.outages,
            redeclare: {},
            failure: AsyncStream.makeStream(of: (any Error).self).continuation,
            pause: { _ in self.outages.database.ended() },
            logger: CrashSettings.logger
        )
        await handler.handle(run.delivery(delivery))
        run.ended(seat)
    }

    func sweep(of run: CrashRun) async {
        let seat = Seat(run: run, process: self.id, delivery: nil)
        let sweep = ExpirySweep(
            requests: self.requests(seat),
            locks: self.locks,
            publisher: WorldPublisher(seat: seat),
            publications: Self.publications,
            settings: CrashSettings.shared.sessions,
            outages: self.outages,
            metrics: WorkerMetrics(),
            redeclare: {},
            logger: CrashSettings.logger,
            width: 1
        )
        await run.wait(for: seat)
        var course = ExpirySweep.Course()
        do {
            try await sweep.sweep(&course)
        } catch {
            run.sweepFailed()
        }
        run.ended(seat)
    }

    private func requests(_ seat: Seat) -> RequestHandler {
        RequestHandler(
            rules: CrashSettings.shared.rules,
            store: WorldStore(seat: seat),
            sessions: WorldSessions(seat: seat),
            urlExpiry: World.urlExpiry,
            now: { seat.run.now },
            makeSessionID: { seat.run.nextSessionID() },
            logger: CrashSettings.logger
        )
    }
}

extension CrashRun {
    func delivery(_ id: Int) -> Delivery {
        let message = self.state.withLock { $0.world.deliveries[id].message }
        var properties = message.properties
        if message.deliveryCount > 0 {
            var headers = properties.headers ?? FieldTable()
            headers["x-delivery-count" as AMQPString] = .int64(Int64(message.deliveryCount))
            properties.headers = headers
        }
        return Delivery(
            queue: message.queue,
            isRedelivered: message.deliveryCount > 0,
            properties: properties,
            body: message.body
        )
    }

    /// A process whose database failed ends; any other has settled the delivery.
    func ended(_ seat: Seat) {
        self.state.withLock { state in
            if seat.delivery == nil, state.trace.contains(where: { $0.seat == seat && $0.fault != .none }) {
                state.sweepIsClean = false
            }
            if state.world.failedProcesses.contains(seat.process) { return state.world.kill(seat.process) }
            guard let delivery = seat.delivery, state.world.deliveries[delivery].isOpen else { return }
            state.world.violate("delivery \(delivery) is not settled, and its process lives on")
            state.world.kill(seat.process)
        }
    }

    func sweepFailed() {
        self.state.withLock { $0.sweepIsClean = false }
    }
}

enum CrashSettings {
    static let expiryGrace: TimeInterval = 3600
    static let logger = Logger(label: "crash") { _ in SwiftLogNoOpLogHandler() }

    static let shared: Settings = {
        do {
            return try Settings(
                SettingsSource(environment: [
                    "S3_BUCKET": "b", "AWS_REGION": "r", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s",
                ])
            )
        } catch {
            preconditionFailure("the settings of the crash tests: \(error)")
        }
    }()
}
