import AMQP
import Uploads

/// What becomes of a delivery that could not be settled.
extension DeliveryHandler {
    /// Puts the delivery back into its queue, or ends it here where it has been there too often.
    func handBack(
        _ delivery: Delivery,
        arrivedAt arrived: ContinuousClock.Instant,
        because error: any Error
    ) async {
        CrashPoint.requestPutBack.pass()
        Span.current?.fail(String(describing: type(of: error)))
        if error is Unroutable { await self.redeclare() }
        if delivery.deliveryCount >= DeliveryLimit.ofHandingBack, !Self.isEnding(error) {
            if await self.giveUp(delivery, arrived, because: error) { return }
        }
        // A request that is put back at once would use up its delivery limit while the cause still lasts.
        try? await self.pause(Self.pause(beforeRelease: delivery.deliveryCount))
        self.settler.release(delivery)
        self.metrics.putBack.add()
        self.logger.error("Request put back", error: error, metadata: delivery.logMetadata)
    }

    /// Nothing is wrong with the request where this process is ending: the next one is to serve it.
    private static func isEnding(_ error: any Error) -> Bool {
        let publishing = error as? PublishError
        return Task.isCancelled || error is CancellationError || publishing == .cancelled || publishing == .stopped
    }

    /// 0.1 s at first, doubled with every delivery, a minute at most: far within the broker's consumer time-out.
    private static func pause(beforeRelease deliveryCount: Int) -> Duration {
        min(.milliseconds(100 << min(deliveryCount, 16)), .seconds(60))
    }

    /// Tells the requester and sets the request aside: handed back again and again, the broker would do the latter alone.
    ///
    /// - Returns: false where that cannot be published either.
    private func giveUp(
        _ delivery: Delivery,
        _ arrived: ContinuousClock.Instant,
        because error: any Error
    ) async -> Bool {
        do {
            let request = try self.request(delivery)
            let failure = UploadFailure.notSettled(inDeliveries: delivery.deliveryCount + 1)
            let subject = self.subject(of: request)
            try await self.conclude(request, with: .permanent(failure), of: subject, arrivedAt: arrived)
            self.logger.error("Request given up", error: error, metadata: delivery.logMetadata)
            return true
        } catch {
            self.logger.error("Request not given up", error: error, metadata: delivery.logMetadata)
            return false
        }
    }

    private func subject(of request: Request) -> RequestSubject {
        do throws(RequestRefusal) {
            return RequestSubject(try self.parsed(request))
        } catch {
            return error.subject
        }
    }
}
