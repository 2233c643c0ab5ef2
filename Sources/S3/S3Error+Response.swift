extension S3Error {
    /// An error answer: its `<Error>`, or where it has no body, as with HEAD, its status.
    ///
    /// - Parameter region: the one that the call was signed for, told apart from the bucket's own.
    init(_ operation: S3Operation, response: HTTPResponse, element: ResponseElement?, region: String) {
        let code = element?["Code"].flatMap(Self.token) ?? Self.code(of: response.status, operation)
        let kind = Kind(operation: operation, code: code, status: response.status)
        self.init(
            operation: operation,
            kind: kind,
            code: code,
            message: Self.wrongRegion(response, element, code: code, region: region)
                ?? element?["Message"].map(Self.cleaned) ?? "",
            status: response.status,
            requestID: response.requestID ?? element?["RequestId"].flatMap(Self.token),
            outcomeIsUnknown: kind == .passing && operation.changesTheStore
        )
        self.retryAfter = response.headers["retry-after"].flatMap(Int.init).map { .seconds(min(max(0, $0), 86400)) }
    }

    /// Another region's bucket, where the answer names it.
    private static func wrongRegion(
        _ response: HTTPResponse,
        _ element: ResponseElement?,
        code: String,
        region: String
    ) -> String? {
        let isAboutRegions =
            (300..<400).contains(response.status) || code.hasPrefix("Authorization") || code == "BadRequest"
        guard isAboutRegions || code == "IllegalLocationConstraintException",
            let actual = (response.headers["x-amz-bucket-region"] ?? element?["Region"]).flatMap(self.token),
            actual != region
        else { return nil }
        return "the bucket is in \(actual), not in \(region): set AWS_REGION=\(actual)"
    }

    private static func code(of status: Int, _ operation: S3Operation) -> String {
        switch status {
        case 301, 308: "PermanentRedirect"
        case 302, 303, 307: "TemporaryRedirect"
        case 400: "BadRequest"
        case 401, 403: "AccessDenied"
        case 404: operation == .headBucket ? "NoSuchBucket" : "NotFound"
        case 405: "MethodNotAllowed"
        case 408: "RequestTimeout"
        case 412: "PreconditionFailed"
        case 429: "TooManyRequests"
        case 500: "InternalError"
        case 501: "NotImplemented"
        case 503: "ServiceUnavailable"
        default: "HTTP\(status)"
        }
    }

    /// A word of printable ASCII, or nil: codes, regions and request ids are nothing else.
    static func token(_ text: String) -> String? {
        guard (1...128).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        return text
    }

    /// The store's message on one line, and not too long a one.
    private static func cleaned(_ text: String) -> String {
        let line = text.unicodeScalars.prefix(500).map { $0.properties.generalCategory == .control ? " " : $0 }
        return String(String.UnicodeScalarView(line)).trimmingBlanks
    }
}

extension HTTPResponse {
    var requestID: String? {
        self.headers["x-amz-request-id"].flatMap(S3Error.token)
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        let start = self.drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}
