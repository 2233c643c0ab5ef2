extension UploadRequest {
    /// Reads a request of a kind from a message's body.
    ///
    /// The first broken rule wins: the body as a whole, then `version`, then the fields in the order of the
    /// contract's table. `bodySize` is the message's true size: a body over the limit need not be kept to be refused.
    package init(
        parsing body: [UInt8],
        bodySize: Int,
        kind: RequestKind,
        rules: UploadRules
    ) throws(RequestRefusal) {
        let fields: RequestFields
        do throws(UploadFailure) {
            fields = RequestFields(object: try Self.object(body, bodySize: bodySize, rules: rules), rules: rules)
        } catch {
            throw RequestRefusal(failure: error, subject: RequestSubject(kind: kind))
        }
        do throws(UploadFailure) {
            try fields.checkVersion()
            self = try Self.request(of: kind, from: fields)
        } catch {
            throw RequestRefusal(failure: error, subject: fields.readableSubject(of: kind))
        }
    }

    private static func object(
        _ body: [UInt8],
        bodySize: Int,
        rules: UploadRules
    ) throws(UploadFailure) -> JSONObject {
        guard max(bodySize, body.count) <= rules.maxMessageBytes else {
            throw .malformedMessage("it has more than the \(rules.maxMessageBytes) bytes that are allowed")
        }
        do throws(JSONFault) {
            guard case .object(let object) = try JSONParser.parse(body) else {
                throw JSONFault.unexpected(expected: "an object", offset: 0)
            }
            return object
        } catch {
            throw .malformedMessage(error.description)
        }
    }

    private static func request(of kind: RequestKind, from fields: RequestFields) throws(UploadFailure) -> Self {
        let file = try fields.file()
        switch kind {
        case .start:
            return .start(
                StartRequest(file: file, partCount: try fields.partCount(), contentType: try fields.contentType())
            )
        case .complete:
            try fields.checkPartCountOfParts()
            return .complete(
                CompleteRequest(file: file, uploadID: try fields.uploadID(), parts: try fields.parts())
            )
        case .resume:
            return .resume(ResumeRequest(file: file, uploadID: try fields.uploadID()))
        case .abort:
            return .abort(AbortRequest(file: file, uploadID: try fields.uploadID()))
        }
    }
}
