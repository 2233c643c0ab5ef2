import CCurl
import Glibc

/// One of curl's easy handles with what is received through it; used again for later requests, so that what is
/// the same for all is set once. It belongs to the thread of its `TransferLoop`.
final class Transfer {
    let easy: UnsafeMutableRawPointer
    private let settings: TransferSettings
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private var headers: [UInt8] = []
    private var body: [UInt8] = []
    private var isTooLarge = false
    /// How often curl has set out to send the request.
    private var sendings = 0

    private(set) var id: UInt64 = 0
    private var answer: TransferMailbox.Answer?
    private var progress: Progress?
    private var lastMove = ContinuousClock.now

    /// Nil where curl has no memory for it.
    init?(settings: TransferSettings) {
        guard let easy = curl_easy_init() else { return nil }
        self.easy = easy
        self.settings = settings
        self.configure()
    }

    deinit {
        curl_easy_cleanup(self.easy)
        curl_slist_free_all(self.headerList)
        self.errorText.deallocate()
    }

    /// Makes it ready to be added to the multi handle.
    func prepare(_ request: HTTPRequest, id: UInt64, answer: TransferMailbox.Answer) {
        self.id = id
        self.answer = answer
        self.progress = nil
        self.lastMove = .now
        self.headers.removeAll(keepingCapacity: true)
        self.body = []
        self.isTooLarge = false
        self.sendings = 0
        self.errorText.initialize(to: 0)
        self.set(request)
    }

    /// Tells the caller, who goes on elsewhere, and is ready for the next request.
    func finish(_ result: CURLcode) {
        var status = 0
        ccurl_get_long(self.easy, CURLINFO_RESPONSE_CODE, &status)
        guard result == CURLE_OK else { return self.fail(result) }
        self.resume(
            .success(
                HTTPResponse(
                    status: status,
                    headers: HTTPHeaders(lines: self.headers),
                    body: self.body,
                    wasSentAgain: self.sendings > 1
                )
            )
        )
    }

    func fail(_ reason: TransferFailure.Reason, message: String) {
        var sentBytes = 0
        ccurl_get_long(self.easy, CURLINFO_REQUEST_SIZE, &sentBytes)
        self.resume(.failure(TransferFailure(reason: reason, message: message, requestWasSent: sentBytes > 0)))
    }

    /// Whether nothing has moved for as long as the settings allow.
    func hasStalled(at now: ContinuousClock.Instant) -> Bool {
        let progress = Progress(of: self.easy)
        if progress != self.progress {
            self.progress = progress
            self.lastMove = now
        }
        return now - self.lastMove >= self.settings.timeout
    }

    private func fail(_ result: CURLcode) {
        guard !self.isTooLarge else {
            return self.fail(.responseTooLarge, message: "the answer is larger than any that is looked for")
        }
        let text = String(cString: self.errorText)
        self.fail(.init(result), message: text.isEmpty ? String(cString: curl_easy_strerror(result)) : text)
    }

    private func resume(_ result: Result<HTTPResponse, TransferFailure>) {
        let answer = self.answer
        self.answer = nil
        self.headers = []
        self.body = []
        answer?.resume(returning: result)
    }
}

extension Transfer {
    /// What is the same for every request.
    private func configure() {
        let milliseconds = Int(self.settings.timeout / .milliseconds(1))
        let context = Unmanaged.passUnretained(self).toOpaque()
        ccurl_set_pointer(self.easy, CURLOPT_PRIVATE, context)
        ccurl_set_pointer(self.easy, CURLOPT_ERRORBUFFER, self.errorText)
        ccurl_set_long(self.easy, CURLOPT_NOSIGNAL, 1)
        ccurl_set_long(self.easy, CURLOPT_NOPROGRESS, 1)
        ccurl_set_long(self.easy, CURLOPT_TCP_NODELAY, 1)
        ccurl_set_long(self.easy, CURLOPT_TCP_KEEPALIVE, 1)
        ccurl_set_long(self.easy, CURLOPT_CONNECTTIMEOUT_MS, max(1, milliseconds))
        if let longest = self.settings.longestTransfer {
            ccurl_set_long(self.easy, CURLOPT_TIMEOUT_MS, max(1, Int(longest / .milliseconds(1))))
        }
        if !self.settings.usesProxy { ccurl_set_string(self.easy, CURLOPT_NOPROXY, "*") }
        ccurl_set_long(self.easy, CURLOPT_FOLLOWLOCATION, 0)
        ccurl_set_long(self.easy, CURLOPT_PATH_AS_IS, 1)
        ccurl_set_string(self.easy, CURLOPT_PROTOCOLS_STR, "http,https")
        ccurl_set_string(self.easy, CURLOPT_USERAGENT, "upload-worker")
        ccurl_set_long(self.easy, CURLOPT_SSL_VERIFYPEER, 1)
        ccurl_set_long(self.easy, CURLOPT_SSL_VERIFYHOST, 2)
        ccurl_set_long(self.easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let caFile = self.settings.caFile { ccurl_set_string(self.easy, CURLOPT_CAINFO, caFile) }
        _ = ccurl_set_prerequest(
            self.easy,
            { context, _, _, _, _ in
                Transfer.from(context)?.sendings += 1
                return CURL_PREREQFUNC_OK
            },
            context
        )
        ccurl_set_pointer(self.easy, CURLOPT_WRITEDATA, context)
        ccurl_set_receiver(self.easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            Transfer.from(context)?.receive(body: UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
        }
        ccurl_set_pointer(self.easy, CURLOPT_HEADERDATA, context)
        ccurl_set_receiver(self.easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            Transfer.from(context)?.receive(header: UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
        }
    }

    static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    private func set(_ request: HTTPRequest) {
        request.url.withUnsafeBytes { url in
            _ = ccurl_set_string(self.easy, CURLOPT_URL, url.baseAddress?.assumingMemoryBound(to: CChar.self))
        }
        // GET first: it undoes what the last request's method has set.
        ccurl_set_long(self.easy, CURLOPT_HTTPGET, 1)
        ccurl_set_string(self.easy, CURLOPT_CUSTOMREQUEST, nil)
        switch request.method {
        case .get: break
        case .head: ccurl_set_long(self.easy, CURLOPT_NOBODY, 1)
        case .delete: ccurl_set_string(self.easy, CURLOPT_CUSTOMREQUEST, "DELETE")
        case .post: self.setPost(request.body)
        case .put:
            self.setPost(request.body)
            ccurl_set_string(self.easy, CURLOPT_CUSTOMREQUEST, "PUT")
        }
        self.set(headers: request.headers)
    }

    private func setPost(_ body: [UInt8]) {
        ccurl_set_long(self.easy, CURLOPT_POST, 1)
        ccurl_set_offset(self.easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
        self.set(body: body)
    }

    private func set(body: [UInt8]) {
        guard !body.isEmpty else {
            ccurl_set_string(self.easy, CURLOPT_COPYPOSTFIELDS, "")
            return
        }
        body.withUnsafeBytes { bytes in
            // Copied by curl, which needs it after this call.
            _ = ccurl_set_string(
                self.easy,
                CURLOPT_COPYPOSTFIELDS,
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            )
        }
    }

    private func set(headers: [UInt8]) {
        curl_slist_free_all(self.headerList)
        self.headerList = curl_slist_append(nil, "expect:")
        headers.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else { return }
            var line = start
            while line < start + bytes.count {
                self.headerList = curl_slist_append(self.headerList, line)
                line += strlen(line) + 1
            }
        }
        ccurl_set_headers(self.easy, self.headerList)
    }
}

extension Transfer {
    private func receive(body bytes: UnsafeRawBufferPointer) -> Int {
        guard self.body.count + bytes.count <= self.settings.maxBodyBytes else {
            self.isTooLarge = true
            return 0
        }
        self.body.append(contentsOf: bytes)
        return bytes.count
    }

    private func receive(header bytes: UnsafeRawBufferPointer) -> Int {
        // A status line begins another answer: the one before was a "100 Continue".
        if bytes.starts(with: "HTTP/".utf8) { self.headers.removeAll(keepingCapacity: true) }
        guard self.headers.count + bytes.count <= self.settings.maxHeaderBytes else {
            self.isTooLarge = true
            return 0
        }
        self.headers.append(contentsOf: bytes)
        return bytes.count
    }

    /// What changes when anything moves.
    private struct Progress: Equatable {
        private var sent: curl_off_t = 0
        private var received: curl_off_t = 0
        private var headerBytes = 0
        private var requestBytes = 0

        init(of easy: UnsafeMutableRawPointer) {
            ccurl_get_offset(easy, CURLINFO_SIZE_UPLOAD_T, &self.sent)
            ccurl_get_offset(easy, CURLINFO_SIZE_DOWNLOAD_T, &self.received)
            ccurl_get_long(easy, CURLINFO_HEADER_SIZE, &self.headerBytes)
            ccurl_get_long(easy, CURLINFO_REQUEST_SIZE, &self.requestBytes)
        }
    }
}

extension TransferFailure.Reason {
    init(_ result: CURLcode) {
        switch result {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT:
            self = .connectionFailed
        case CURLE_OPERATION_TIMEDOUT: self = .timedOut
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ISSUER_ERROR:
            self = .tlsFailed
        case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM:
            self = .connectionLost
        default: self = .other
        }
    }
}
