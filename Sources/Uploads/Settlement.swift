import FoundationEssentials

/// What is published before a request is acknowledged.
package enum Settlement: Equatable, Sendable {
    case answer(UploadResult)
    case answerAndDeadLetter(UploadResult, DeadLetter)
    case retry(RetryStep)

    package init(
        _ outcome: Outcome,
        of request: RequestSubject,
        from originQueue: String,
        attempts: Attempts,
        schedule: RetrySchedule,
        now: Date
    ) {
        let firstFailedAt = min(attempts.firstFailedAt ?? now, now)
        let result: UploadResult
        switch outcome {
        case .passing(let failure):
            if let delay = schedule.delay(afterRetries: attempts.retriesDone) {
                self = .retry(
                    RetryStep(
                        delayMilliseconds: delay,
                        attempts: Attempts(
                            count: attempts.count,
                            retriesDone: attempts.retriesDone + 1,
                            firstFailedAt: firstFailedAt
                        )
                    )
                )
                return
            }
            result = .failed(FailedRequest(subject: request, failure: failure))
        case .permanent(let failure): result = .failed(FailedRequest(subject: request, failure: failure))
        case .answered(let answer), .answeredWithoutStore(let answer): result = answer
        }
        guard case .failed(let failed) = result, failed.failure.code.isDeadLettered else {
            self = .answer(result)
            return
        }
        let deadLetter = DeadLetter(
            code: failed.failure.code,
            message: failed.failure.message,
            attempts: attempts.count,
            originQueue: originQueue,
            firstFailedAt: firstFailedAt,
            lastFailedAt: now
        )
        self = .answerAndDeadLetter(result, deadLetter)
    }
}
