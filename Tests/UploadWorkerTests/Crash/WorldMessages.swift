import AMQP

@testable import UploadWorker

/// The world's broker as the publishers of a process see it.
struct WorldPublisher: MessagePublisher {
    let seat: Seat

    func publish(_ publication: Publication) async throws(PublishError) -> PublishOutcome {
        let fault: Fault
        do throws(ProcessDied) {
            fault = try await self.seat.perform(.publish) { $0.take(publication, from: self.seat.delivery) }.fault
        } catch {
            throw .stopped
        }
        return fault == .returned ? .returned(code: 312, text: "NO_ROUTE") : .confirmed
    }
}

/// The same as its consumer sees it, for one delivery.
struct WorldSettler: DeliverySettler {
    let seat: Seat

    func acknowledge(_ delivery: Delivery) {
        self.settle(.acknowledge) { world, id in world.acknowledge(id) }
    }

    func reject(_ delivery: Delivery) {
        self.settle(.acknowledge) { world, id in world.violate("delivery \(id) is rejected") }
    }

    func release(_ delivery: Delivery) {
        self.settle(.release) { world, id in world.handBack(id) }
    }

    private func settle(_ effect: Effect, _ act: (inout World, Int) -> Void) {
        guard let id = self.seat.delivery else { return }
        do {
            _ = try self.seat.run.perform(effect, self.seat) { act(&$0, id) }
        } catch {
            // The dead settle nothing.
            return
        }
    }
}
