extension S3Error.Kind {
    /// What an error answer of the store means; codes first, since servers agree on those more than on statuses.
    init(operation: S3Operation, code: String, status: Int) {
        switch code {
        case "NoSuchUpload": self = .noSuchUpload
        case "NoSuchKey" where operation.namesAnUpload: self = .noSuchUpload
        case "InvalidPart", "InvalidPartOrder": self = .invalidPart
        case "EntityTooSmall": self = .entityTooSmall
        case "PreconditionFailed": self = .preconditionFailed
        case _ where Self.passingCodes.contains(code): self = .passing
        default: self.init(operation: operation, status: status)
        }
    }

    private init(operation: S3Operation, status: Int) {
        switch status {
        case 412: self = .preconditionFailed
        case 408, 425, 429, 500...599: self = .passing
        // An error inside a 200 that is none of the above, as one with its status.
        case 200..<300: self = .passing
        default: self = .permanent
        }
    }

    /// Codes that pass under whatever status. The clock's and the token's are here because somebody will put them
    /// right, and the requests should be there then.
    private static let passingCodes: Set<String> = [
        "InternalError", "ServiceUnavailable", "SlowDown", "Busy", "Throttling", "ThrottlingException",
        "ThrottledException", "RequestThrottled", "RequestThrottledException", "TooManyRequests",
        "TooManyRequestsException", "RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException",
        "TransactionInProgressException", "PriorRequestNotComplete", "RequestTimeout", "RequestTimeoutException",
        "RequestTimeTooSkewed", "ExpiredToken", "TokenRefreshRequired", "OperationAborted",
        "ConditionalRequestConflict",
    ]
}

extension S3Error.Kind {
    init(_ reason: TransferFailure.Reason) {
        switch reason {
        case .connectionFailed, .tlsFailed, .timedOut, .connectionLost, .responseTooLarge, .other: self = .passing
        case .cancelled, .closed: self = .cancelled
        }
    }
}

extension S3Error {
    /// Whether the store takes the credentials for ended, whatever they said of their end.
    var saysCredentialsHaveEnded: Bool { self.code == "ExpiredToken" || self.code == "TokenRefreshRequired" }
}
