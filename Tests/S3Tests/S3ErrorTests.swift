import Testing

@testable import S3

@Suite struct S3ErrorTests {
    @Test(
        "An answer's code, then its status, say what kind of error it is",
        arguments: [
            (.completeMultipartUpload, 404, "NoSuchUpload", .noSuchUpload),
            (.listParts, 404, "NoSuchKey", .noSuchUpload),
            (.abortMultipartUpload, 404, "NoSuchKey", .noSuchUpload),
            (.createMultipartUpload, 404, "NoSuchKey", .permanent),
            (.completeMultipartUpload, 400, "InvalidPart", .invalidPart),
            (.completeMultipartUpload, 400, "InvalidPartOrder", .invalidPart),
            (.completeMultipartUpload, 400, "EntityTooSmall", .entityTooSmall),
            (.completeMultipartUpload, 400, "EntityTooLarge", .permanent),
            (.completeMultipartUpload, 412, "PreconditionFailed", .preconditionFailed),
            (.completeMultipartUpload, 412, "InvalidRequest", .preconditionFailed),
            (.completeMultipartUpload, 404, "NoSuchBucket", .permanent), (.listParts, 403, "AccessDenied", .permanent),
            (.listParts, 403, "SignatureDoesNotMatch", .permanent), (.listParts, 403, "InvalidAccessKeyId", .permanent),
            (.listParts, 400, "MalformedXML", .permanent), (.listParts, 411, "MissingContentLength", .permanent),
            (.listParts, 501, "NotImplemented", .passing), (.listParts, 505, "X", .passing),
            (.listParts, 301, "PermanentRedirect", .permanent), (.listParts, 500, "InternalError", .passing),
            (.listParts, 502, "X", .passing), (.listParts, 503, "SlowDown", .passing), (.listParts, 504, "X", .passing),
            (.listParts, 599, "X", .passing), (.listParts, 429, "X", .passing), (.listParts, 408, "X", .passing),
            (.listParts, 400, "RequestTimeout", .passing), (.listParts, 400, "ExpiredToken", .passing),
            (.listParts, 403, "RequestTimeTooSkewed", .passing), (.listParts, 400, "SlowDown", .passing),
            (.completeMultipartUpload, 409, "OperationAborted", .passing),
            (.completeMultipartUpload, 409, "ConditionalRequestConflict", .passing),
            (.completeMultipartUpload, 200, "InternalError", .passing),
            (.completeMultipartUpload, 200, "Whatever", .passing),
            (.completeMultipartUpload, 200, "AccessDenied", .passing),
        ] as [(S3Operation, Int, String, S3Error.Kind)]
    )
    func kinds(operation: S3Operation, status: Int, code: String, expected: S3Error.Kind) {
        let error = Self.error(operation, status, ResponseElement.error(code))
        #expect(error.kind == expected)
        #expect(error.code == code)
        #expect(error.outcomeIsUnknown == (expected == .passing && operation != .listParts))
    }

    @Test(
        "Without a body, the status gives the code",
        arguments: [
            (.headObject, 403, "AccessDenied"), (.headBucket, 404, "NoSuchBucket"), (.headObject, 404, "NotFound"),
            (.headBucket, 400, "BadRequest"), (.headObject, 418, "HTTP418"), (.headObject, 503, "ServiceUnavailable"),
        ] as [(S3Operation, Int, String)]
    )
    func codes(operation: S3Operation, status: Int, expected: String) {
        #expect(Self.error(operation, status, nil).code == expected)
    }

    @Test("A code that is none is not repeated, and a message is cleaned and cut")
    func cleaned() {
        var element = ResponseElement.error("no code\u{7}")
        element.children.append(
            ResponseElement(name: "Message", text: " a\nb\u{1B}[0m" + String(repeating: "x", count: 900))
        )
        let error = Self.error(.listParts, 400, element)
        #expect(error.code == "BadRequest")
        #expect(error.message.hasPrefix("a b [0mx"))
        #expect(error.message.count <= 500)
    }

    @Test(
        "The region is named only where it is another one",
        arguments: [("us-east-1", ""), ("eu-west-1", "the bucket is in")]
    )
    func region(actual: String, message: String) {
        let headers = HTTPHeaders(lines: Array("x-amz-bucket-region: \(actual)\r\n".utf8))
        let response = HTTPResponse(status: 301, headers: headers, body: [])
        let error = S3Error(.headBucket, response: response, element: nil, region: "us-east-1")
        #expect(error.message.hasPrefix(message) && error.message.isEmpty == message.isEmpty)
    }

    @Test("A description has operation, code, status, message and request id")
    func description() {
        var element = ResponseElement.error("SlowDown")
        element.children += [
            ResponseElement(name: "Message", text: "Please"), ResponseElement(name: "RequestId", text: "r1"),
        ]
        #expect(Self.error(.listParts, 503, element).description == "ListParts: SlowDown (503): Please [request r1]")
    }

    private static func error(_ operation: S3Operation, _ status: Int, _ element: ResponseElement?) -> S3Error {
        let response = HTTPResponse(status: status, headers: HTTPHeaders(lines: []), body: [])
        return S3Error(operation, response: response, element: element, region: "us-east-1")
    }
}

extension ResponseElement {
    fileprivate static func error(_ code: String) -> ResponseElement {
        ResponseElement(name: "Error", children: [ResponseElement(name: "Code", text: code)])
    }
}
