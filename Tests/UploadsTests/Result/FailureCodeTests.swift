import Testing

@testable import Uploads

@Suite("Failure codes")
struct FailureCodeTests {
    static let contract: [(code: String, status: Int)] = [
        ("malformed_message", 400), ("unsupported_version", 400), ("invalid_file_id", 400), ("invalid_user_id", 400),
        ("invalid_part_count", 400), ("invalid_content_type", 400), ("invalid_upload_id", 400), ("invalid_parts", 400),
        ("part_mismatch", 400), ("part_too_small", 400), ("upload_not_found", 404), ("file_conflict", 409),
        ("upload_conflict", 409), ("already_completed", 409), ("upload_aborted", 410), ("upload_expired", 410),
        ("storage_rejected", 502), ("storage_unavailable", 503),
    ]

    @Test("are the contract's, with its statuses")
    func table() {
        #expect(FailureCode.allCases.map(\.rawValue) == Self.contract.map(\.code))
        #expect(FailureCode.allCases.map(\.status) == Self.contract.map(\.status))
    }

    @Test("say whether the request may be sent again, and whether an operator should see it")
    func kinds() {
        #expect(FailureCode.allCases.filter(\.isRetryable) == [.storageUnavailable])
        #expect(
            FailureCode.allCases.filter(\.isDeadLettered) == [
                .malformedMessage, .unsupportedVersion, .storageRejected, .storageUnavailable,
            ]
        )
    }

    @Test("of failures that depend on the session or the store")
    func failures() {
        let failures: [(UploadFailure, FailureCode)] = [
            (.uploadNotFound, .uploadNotFound), (.uploadGone, .uploadNotFound), (.fileConflict, .fileConflict),
            (.uploadConflict, .uploadConflict), (.alreadyCompleted, .alreadyCompleted),
            (.uploadAborted, .uploadAborted), (.uploadExpired, .uploadExpired), (.partMismatch, .partMismatch),
            (.partTooSmall, .partTooSmall), (.storageRejected("AccessDenied"), .storageRejected),
            (.storageUnavailable("SlowDown"), .storageUnavailable),
        ]
        for (failure, code) in failures {
            #expect(failure.code == code)
            #expect(failure.status == code.status)
            #expect(failure.isRetryable == code.isRetryable)
            #expect(failure.field == nil)
        }
        #expect(UploadFailure.storageRejected("AccessDenied").message.contains("AccessDenied"))
        #expect(UploadFailure.storageUnavailable("SlowDown").message.contains("SlowDown"))
    }
}
