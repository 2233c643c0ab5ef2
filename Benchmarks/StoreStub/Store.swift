/// The uploads and objects that the stub pretends to hold.
struct Store {
    private struct Upload {
        let path: String
        let contentType: String
        let session: String
    }

    /// As long as an upload id of AWS, so that URLs have their usual length.
    private static let uploadIDTail = String(repeating: "StubUploadId.", count: 9)

    private var uploads: [String: Upload] = [:]
    private var objects: [String: Upload] = [:]
    private var counts: [String: Int] = [:]
    private var lastUpload = 0

    mutating func answer(to request: HTTPRequest) -> [UInt8] {
        if request.path == "/-/counts" { return self.countsAnswer() }
        let (operation, answer) = self.operation(request)
        self.counts[operation, default: 0] += 1
        return Array(answer.utf8)
    }

    private mutating func operation(_ request: HTTPRequest) -> (name: String, answer: String) {
        switch request.method {
        case "POST" where request.parameter("uploads") != nil: ("create", self.create(request))
        case "POST": ("complete", self.complete(request))
        case "HEAD": ("head", self.head(request))
        case "PUT": ("part", http("200 OK", headers: "ETag: \"\(Self.etag)\"\r\n", size: 0))
        case "DELETE": ("abort", self.abort(request))
        case "GET" where request.parameter("uploadId") != nil: ("list-parts", self.listParts(request))
        default: ("list-uploads", http("200 OK", body: document("ListMultipartUploadsResult", "")))
        }
    }

    private mutating func create(_ request: HTTPRequest) -> String {
        self.lastUpload += 1
        let id = "\(self.lastUpload).\(Self.uploadIDTail)"
        self.uploads[id] = Upload(path: request.path, contentType: request.contentType, session: request.session)
        return http("200 OK", body: document("InitiateMultipartUploadResult", "<UploadId>\(id)</UploadId>"))
    }

    private mutating func complete(_ request: HTTPRequest) -> String {
        guard let upload = self.takeUpload(request) else { return Self.noSuchUpload }
        self.objects[upload.path] = upload
        let body = "<Location>http://stub\(upload.path)</Location><ETag>&quot;\(Self.etag)&quot;</ETag>"
        return http("200 OK", body: document("CompleteMultipartUploadResult", body))
    }

    /// 200 for a bucket and for a completed object.
    private func head(_ request: HTTPRequest) -> String {
        if let object = self.objects[request.path] {
            return http(
                "200 OK",
                headers: "ETag: \"\(Self.etag)\"\r\nContent-Type: \(object.contentType)\r\n"
                    + "x-amz-meta-upload-session: \(object.session)\r\n",
                size: 12_582_912
            )
        }
        let isBucket = !request.path.utf8.dropFirst().dropLast().contains(UInt8(ascii: "/"))
        return http(isBucket ? "200 OK" : "404 Not Found", size: 0)
    }

    private mutating func abort(_ request: HTTPRequest) -> String {
        self.takeUpload(request) == nil ? Self.noSuchUpload : http("204 No Content", size: 0)
    }

    /// No parts: nobody uploads any.
    private func listParts(_ request: HTTPRequest) -> String {
        guard let id = request.parameter("uploadId"), self.uploads[id] != nil else { return Self.noSuchUpload }
        return http("200 OK", body: document("ListPartsResult", "<IsTruncated>false</IsTruncated>"))
    }

    private mutating func takeUpload(_ request: HTTPRequest) -> Upload? {
        request.parameter("uploadId").flatMap { self.uploads.removeValue(forKey: $0) }
    }

    private func countsAnswer() -> [UInt8] {
        let fields = self.counts.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ")
        return Array(http("200 OK", body: "{\(fields)}").utf8)
    }

    private static let etag = "9b2cf535f27731c974343645a3985328-3"
    private static let noSuchUpload = http(
        "404 Not Found",
        body: document("Error", "<Code>NoSuchUpload</Code><Message>No such upload</Message>")
    )
}

private func document(_ root: String, _ content: String) -> String {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
        + "<\(root) xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\(content)</\(root)>"
}

private func http(_ status: String, headers: String = "", body: String) -> String {
    http(status, headers: headers + "Content-Type: application/xml\r\n", size: body.utf8.count) + body
}

private func http(_ status: String, headers: String = "", size: Int) -> String {
    "HTTP/1.1 \(status)\r\nx-amz-request-id: 0123456789ABCDEF\r\n\(headers)Content-Length: \(size)\r\n\r\n"
}
