extension S3Error {
    /// The code of a transfer that took too long.
    static let timedOut = "TimedOut"

    /// A transfer that brought no whole answer.
    init(_ operation: S3Operation, failure: TransferFailure) {
        let code =
            switch failure.reason {
            case .connectionFailed: "ConnectionFailed"
            case .tlsFailed: "TLSFailed"
            case .timedOut: Self.timedOut
            case .connectionLost: "ConnectionLost"
            case .responseTooLarge: "ResponseTooLarge"
            case .other: "TransferFailed"
            case .cancelled: "Cancelled"
            case .closed: "ClientClosed"
            }
        self.init(
            operation: operation,
            kind: Kind(failure.reason),
            code: code,
            message: failure.message,
            outcomeIsUnknown: failure.requestWasSent && operation.changesTheStore
        )
    }

    /// No credentials to sign with.
    init(_ operation: S3Operation, credentials error: CredentialsError) {
        self.init(
            operation: operation,
            kind: error.canPass ? .passing : .permanent,
            code: "NoCredentials",
            message: error.message
        )
    }

    /// An answer that says that it succeeded, and does not say what it should.
    init(_ operation: S3Operation, malformed response: HTTPResponse, _ message: String) {
        self.init(
            operation: operation,
            kind: .passing,
            code: "MalformedResponse",
            message: message,
            status: response.status,
            requestID: response.requestID,
            outcomeIsUnknown: operation.changesTheStore
        )
    }

    /// A call that cannot be made.
    init(_ operation: S3Operation, invalid message: String) {
        self.init(
            operation: operation,
            kind: .permanent,
            code: "InvalidArgument",
            message: message
        )
    }

    static func cancelled(_ operation: S3Operation, outcomeIsUnknown: Bool) -> S3Error {
        S3Error(
            operation: operation,
            kind: .cancelled,
            code: "Cancelled",
            message: "cancelled",
            outcomeIsUnknown: outcomeIsUnknown
        )
    }
}
