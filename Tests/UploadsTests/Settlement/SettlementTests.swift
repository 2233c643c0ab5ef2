import FoundationEssentials
import Testing

@testable import Uploads

@Suite("Settlement")
struct SettlementTests {
    static let schedule = RetrySchedule(milliseconds: [1000, 10_000])
    static let subject = RequestSubject(kind: .complete)

    static func settlement(
        _ outcome: Outcome,
        _ attempts: Attempts = .first,
        schedule: RetrySchedule = schedule
    ) -> Settlement {
        Settlement(
            outcome,
            of: self.subject,
            from: "uploads.complete",
            attempts: attempts,
            schedule: schedule,
            now: Fixture.now
        )
    }

    static func failed(_ failure: UploadFailure) -> UploadResult {
        .failed(FailedRequest(subject: self.subject, failure: failure))
    }

    static func deadLetter(_ failure: UploadFailure, attempts: Int = 1, firstFailedAt: Date = Fixture.now) -> DeadLetter
    {
        DeadLetter(
            code: failure.code,
            message: failure.message,
            attempts: attempts,
            originQueue: "uploads.complete",
            firstFailedAt: firstFailedAt,
            lastFailedAt: Fixture.now
        )
    }

    @Test("answers a request that was served")
    func served() throws {
        let result = UploadResult.aborted(try Fixture.session())
        #expect(Self.settlement(.answered(result)) == .answer(result))
    }

    @Test("answers every refusal, and sets aside those that an operator should see", arguments: FailureCode.allCases)
    func refusals(code: FailureCode) {
        let failure = UploadFailure(code, "why")
        let result = Self.failed(failure)
        let expected: Settlement =
            switch code {
            case .malformedMessage, .unsupportedVersion, .storageRejected, .storageUnavailable:
                .answerAndDeadLetter(result, Self.deadLetter(failure))
            default: .answer(result)
            }
        #expect(Self.settlement(.answered(result)) == expected)
    }

    @Test("sets aside at once what the store refuses for good")
    func permanent() {
        let failure = UploadFailure.storageRejected("AccessDenied")
        let attempts = Attempts(count: 3, retriesDone: 1, firstFailedAt: Fixture.now - 60)
        #expect(
            Self.settlement(.permanent(failure), attempts)
                == .answerAndDeadLetter(
                    Self.failed(failure),
                    Self.deadLetter(failure, attempts: 3, firstFailedAt: Fixture.now - 60)
                )
        )
    }

    @Test("retries what can pass once per delay, then sets it aside: the whole life of a request")
    func life() {
        let failure = UploadFailure.storageUnavailable("SlowDown")
        var attempts = Attempts.first
        for (index, delay) in Self.schedule.milliseconds.enumerated() {
            let next = Attempts(count: index + 1, retriesDone: index + 1, firstFailedAt: Fixture.now)
            #expect(
                Self.settlement(.passing(failure), attempts)
                    == .retry(RetryStep(delayMilliseconds: delay, attempts: next))
            )
            attempts = Attempts(headers: next.headers)
        }
        #expect(
            Self.settlement(.passing(failure), attempts)
                == .answerAndDeadLetter(Self.failed(failure), Self.deadLetter(failure, attempts: 3))
        )
    }

    @Test("keeps when a request first failed, unless that is forged to be later than now", arguments: [-3600, 0, 3600])
    func firstFailedAt(offset: Double) {
        let failure = UploadFailure.storageUnavailable("SlowDown")
        let attempts = Attempts(count: 2, retriesDone: 0, firstFailedAt: Fixture.now + offset)
        let expected = Attempts(count: 2, retriesDone: 1, firstFailedAt: Fixture.now + min(offset, 0))
        #expect(
            Self.settlement(.passing(failure), attempts)
                == .retry(RetryStep(delayMilliseconds: 1000, attempts: expected))
        )
    }

    @Test("sets aside at the first failure where no retries are left or asked for", arguments: [2, 3, 1_000_000])
    func exhausted(retries: Int) {
        let failure = UploadFailure.storageUnavailable("SlowDown")
        let attempts = Attempts(count: 1, retriesDone: retries, firstFailedAt: nil)
        let expected = Settlement.answerAndDeadLetter(Self.failed(failure), Self.deadLetter(failure))
        #expect(Self.settlement(.passing(failure), attempts) == expected)
        #expect(Self.settlement(.passing(failure), schedule: RetrySchedule(milliseconds: [])) == expected)
    }

    @Test("has the contract's delays by default")
    func standard() {
        #expect(RetrySchedule.standard.milliseconds == [1000, 10_000, 60_000, 600_000])
    }

    @Test("writes the contract's headers on a dead letter")
    func headers() {
        let letter = Self.deadLetter(
            UploadFailure(.storageRejected, "why"),
            attempts: 4,
            firstFailedAt: Fixture.now - 1
        )
        #expect(
            letter.headers == [
                "upload-error-code": .text("storage_rejected"), "upload-error-message": .text("why"),
                "upload-attempts": .integer(4), "upload-origin-queue": .text("uploads.complete"),
                "upload-first-failed-at": .text("2027-01-15T07:59:59Z"),
                "upload-last-failed-at": .text("2027-01-15T08:00:00Z"),
            ]
        )
        #expect(DeadLetter.replaysHeader == "upload-replays")
    }
}
