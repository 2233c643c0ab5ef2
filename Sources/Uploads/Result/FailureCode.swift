/// What went wrong, in the contract's words.
package enum FailureCode: String, CaseIterable, Sendable {
    case malformedMessage = "malformed_message"
    case unsupportedVersion = "unsupported_version"
    case invalidFileID = "invalid_file_id"
    case invalidUserID = "invalid_user_id"
    case invalidPartCount = "invalid_part_count"
    case invalidContentType = "invalid_content_type"
    case invalidUploadID = "invalid_upload_id"
    case invalidParts = "invalid_parts"
    case partMismatch = "part_mismatch"
    case partTooSmall = "part_too_small"
    case uploadNotFound = "upload_not_found"
    case fileConflict = "file_conflict"
    case uploadConflict = "upload_conflict"
    case alreadyCompleted = "already_completed"
    case uploadAborted = "upload_aborted"
    case uploadExpired = "upload_expired"
    case storageRejected = "storage_rejected"
    case storageUnavailable = "storage_unavailable"

    /// The status that an HTTP server would answer with.
    package var status: Int {
        switch self {
        case .malformedMessage, .unsupportedVersion, .invalidFileID, .invalidUserID, .invalidPartCount,
            .invalidContentType, .invalidUploadID, .invalidParts, .partMismatch, .partTooSmall:
            400
        case .uploadNotFound: 404
        case .fileConflict, .uploadConflict, .alreadyCompleted: 409
        case .uploadAborted, .uploadExpired: 410
        case .storageRejected: 502
        case .storageUnavailable: 503
        }
    }

    /// The same request may succeed later, unchanged.
    package var isRetryable: Bool { self == .storageUnavailable }

    /// An operator should see the request, beside the answer that the requester gets.
    package var isDeadLettered: Bool {
        switch self {
        case .malformedMessage, .unsupportedVersion, .storageRejected, .storageUnavailable:
            true
        case .invalidFileID, .invalidUserID, .invalidPartCount, .invalidContentType, .invalidUploadID, .invalidParts,
            .partMismatch, .partTooSmall, .uploadNotFound, .fileConflict, .uploadConflict, .alreadyCompleted,
            .uploadAborted, .uploadExpired:
            false
        }
    }
}
