import CCurl
import Dispatch
import Foundation

/// Puts one part of a file to its presigned URL, as an HTTP client of the upload API does: no credentials, no redirects.
package struct PartUpload: Sendable {
    private let url: PresignedURL
    private let file: CInt
    private let range: Range<Int64>
    private let stallTimeout: Duration
    private let caFile: String?

    /// - Parameters:
    ///   - file: a descriptor open for reading; it is read by position, so several parts may share it.
    ///   - stallTimeout: how long to connect, and how long the transfer may stand still.
    ///   - caFile: PEM certificates to trust in place of the system's.
    package init(
        url: PresignedURL,
        file: CInt,
        range: Range<Int64>,
        stallTimeout: Duration = .seconds(60),
        caFile: String? = nil
    ) {
        self.url = url
        self.file = file
        self.range = range
        self.stallTimeout = stallTimeout
        self.caFile = caFile
    }

    /// Sends the part once and returns its ETag as the store gave it, quotes included.
    ///
    /// - Parameter progress: told how many bytes are on their way, on a thread of its own.
    package func put(progress: @escaping @Sendable (Int64) -> Void) async throws(PartUploadError) -> String {
        let result: Result<String, PartUploadError> = await withCheckedContinuation { continuation in
            // The transfer blocks its thread; one of Dispatch's takes it, so that no task's thread is held.
            Self.threads.async {
                continuation.resume(returning: Result { () throws(PartUploadError) in try self.transfer(progress) })
            }
        }
        return try result.get()
    }

    private static let threads = DispatchQueue(label: "s3.part-uploads", attributes: .concurrent)

    private func transfer(_ progress: @escaping (Int64) -> Void) throws(PartUploadError) -> String {
        guard let easy = curl_easy_init() else { throw .transport("curl gives no handle", canPass: false) }
        defer { curl_easy_cleanup(easy) }
        let exchange = Exchange(file: self.file, range: self.range, progress: progress)
        let context = Unmanaged.passUnretained(exchange).toOpaque()
        let headers = curl_slist_append(curl_slist_append(nil, "Expect:"), "Content-Type:")
        defer { curl_slist_free_all(headers) }
        ccurl_set_string(easy, CURLOPT_URL, self.url.text)
        ccurl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        if let caFile = self.caFile { ccurl_set_string(easy, CURLOPT_CAINFO, caFile) }
        ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
        ccurl_set_long(easy, CURLOPT_UPLOAD, 1)
        ccurl_set_offset(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(self.range.count))
        ccurl_set_long(easy, CURLOPT_UPLOAD_BUFFERSIZE, 256 << 10)
        ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT, Int(self.stallTimeout.components.seconds))
        ccurl_set_long(easy, CURLOPT_LOW_SPEED_LIMIT, 1)
        ccurl_set_long(easy, CURLOPT_LOW_SPEED_TIME, Int(self.stallTimeout.components.seconds))
        ccurl_set_headers(easy, headers)
        ccurl_set_receiver(easy, CURLOPT_READFUNCTION, Exchange.read)
        ccurl_set_pointer(easy, CURLOPT_READDATA, context)
        ccurl_set_receiver(easy, CURLOPT_WRITEFUNCTION, Exchange.receiveBody)
        ccurl_set_pointer(easy, CURLOPT_WRITEDATA, context)
        ccurl_set_receiver(easy, CURLOPT_HEADERFUNCTION, Exchange.receiveHeader)
        ccurl_set_pointer(easy, CURLOPT_HEADERDATA, context)
        let code = withExtendedLifetime(exchange) { curl_easy_perform(easy) }
        guard code == CURLE_OK else {
            guard !exchange.hasReadError else { throw .unreadableFile }
            throw .transport(String(cString: curl_easy_strerror(code)), canPass: true)
        }
        var status = 0
        ccurl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        return try exchange.etag(status: status)
    }
}

/// Why a part was not taken; never says the URL, whose query is a secret.
package enum PartUploadError: Error, CustomStringConvertible {
    case transport(String, canPass: Bool)
    case refused(status: Int, body: String)
    case noETag
    /// It became shorter under way, or cannot be read any more.
    case unreadableFile

    /// Whether the same part may be put again with hope.
    package var canPass: Bool {
        switch self {
        case .transport(_, let canPass): canPass
        case .refused(let status, _): status >= 500 || status == 408 || status == 429
        case .noETag, .unreadableFile: false
        }
    }

    package var description: String {
        switch self {
        case .transport(let reason, _): reason
        case .refused(let status, let body): "the store answered \(status) \(body)"
        case .unreadableFile: "the file became shorter or unreadable while it was read"
        case .noETag: "the store's answer has no ETag; its CORS or proxy settings must expose it"
        }
    }
}

/// What one transfer reads and receives; touched by the thread that performs it alone.
private final class Exchange {
    private let file: CInt
    private let range: Range<Int64>
    private let progress: (Int64) -> Void
    private var sent: Int64 = 0
    private var body: [UInt8] = []
    private var etag: String?
    private(set) var hasReadError = false

    init(file: CInt, range: Range<Int64>, progress: @escaping (Int64) -> Void) {
        self.file = file
        self.range = range
        self.progress = progress
    }

    func etag(status: Int) throws(PartUploadError) -> String {
        guard status == 200 else { throw .refused(status: status, body: self.errorCode) }
        guard let etag = self.etag else { throw .noETag }
        return etag
    }

    /// The `<Code>` of an S3 error; the rest of such a body may quote the URL.
    private var errorCode: String {
        let text = String(decoding: self.body, as: UTF8.self)
        return text.firstMatch(of: #/<Code>([A-Za-z]{1,64})</Code>/#).map { String($0.1) } ?? ""
    }

    static let read: ccurl_receiver = { buffer, size, count, context in
        guard let buffer, let context else { return Int(CURL_READFUNC_ABORT) }
        let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
        let left = Int(Int64(exchange.range.count) - exchange.sent)
        let wanted = min(size * count, left)
        if wanted == 0 { return 0 }
        let got = pread(exchange.file, buffer, wanted, off_t(exchange.range.lowerBound + exchange.sent))
        guard got > 0 else {
            // The file became shorter or unreadable under way: no repetition mends that.
            exchange.hasReadError = true
            return Int(CURL_READFUNC_ABORT)
        }
        exchange.sent += Int64(got)
        exchange.progress(exchange.sent)
        return got
    }

    static let receiveBody: ccurl_receiver = { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
        let length = size * count
        if exchange.body.count + length <= 64 << 10 {
            exchange.body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: length))
        }
        return length
    }

    static let receiveHeader: ccurl_receiver = { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
        let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: size * count), as: UTF8.self)
        if line.lowercased().hasPrefix("etag:") {
            exchange.etag = line.dropFirst("etag:".count).trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return size * count
    }
}
