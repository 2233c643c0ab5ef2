#if CRASH_POINTS
    import AMQP
    import Uploads

    struct CrashingPublisher: MessagePublisher {
        let publisher: any MessagePublisher
        let names: TopologyNames

        func publish(_ publication: Publication) async throws(PublishError) -> PublishOutcome {
            let (begins, done) = self.points(of: publication)
            return try await CrashPoint.around(begins, done) { () throws(PublishError) in
                try await self.publisher.publish(publication)
            }
        }

        private func points(of publication: Publication) -> (CrashPoint, CrashPoint) {
            switch publication.exchange.text {
            case self.names.dead: (.deadLetterBegins, .deadLetterConfirmed)
            case self.names.results where publication.routingKey.text == "expired": (.expiryBegins, .expiryConfirmed)
            case self.names.results, "": (.answerBegins, .answerConfirmed)
            default: (.retryBegins, .retryConfirmed)
            }
        }
    }

    struct CrashingSettler: DeliverySettler {
        let settler: any DeliverySettler

        func acknowledge(_ delivery: Delivery) {
            CrashPoint.acknowledgeBegins.pass()
            self.settler.acknowledge(delivery)
            CrashPoint.acknowledgePosted.pass()
        }

        func reject(_ delivery: Delivery) {
            self.settler.reject(delivery)
            CrashPoint.rejectPosted.pass()
        }

        func release(_ delivery: Delivery) {
            self.settler.release(delivery)
            CrashPoint.releasePosted.pass()
        }
    }
#endif
