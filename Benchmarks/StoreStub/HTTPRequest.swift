import Glibc

/// What the stub needs to know of a request.
struct HTTPRequest {
    private(set) var method = ""
    private(set) var path = ""
    private(set) var query = ""
    private(set) var contentType = ""
    private(set) var session = ""

    /// Reads the request at the front of `bytes`; says its size, or nil while a part of it is missing.
    ///
    /// The body is counted by `Content-Length` (no chunks) and dropped.
    static func first(in bytes: UnsafeRawBufferPointer) -> (request: HTTPRequest, size: Int)? {
        var request = HTTPRequest()
        var start = 0
        var bodySize = 0
        while start < bytes.count, let base = bytes.baseAddress,
            let newline = memchr(base + start, Int32(UInt8(ascii: "\n")), bytes.count - start)
        {
            let end = UnsafeRawPointer(newline) - base
            let line = UnsafeRawBufferPointer(rebasing: bytes[start..<max(start, end - 1)])
            if line.isEmpty { return end + 1 + bodySize <= bytes.count ? (request, end + 1 + bodySize) : nil }
            if start == 0 { request.readFirstLine(line) }
            if let value = line.value(of: "content-length:") { bodySize = Int(value) ?? 0 }
            if let value = line.value(of: "content-type:") { request.contentType = value }
            if let value = line.value(of: "x-amz-meta-upload-session:") { request.session = value }
            start = end + 1
        }
        return nil
    }

    private mutating func readFirstLine(_ line: UnsafeRawBufferPointer) {
        let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
        guard words.count == 3 else { return }
        let target = words[1].split(separator: UInt8(ascii: "?"), maxSplits: 1)
        self.method = String(decoding: words[0], as: UTF8.self)
        self.path = target.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
        self.query = target.count == 2 ? String(decoding: target[1], as: UTF8.self) : ""
    }

    /// The value of a query parameter, as it was written; empty for one without a value.
    func parameter(_ name: String) -> String? {
        let item = self.query.split(separator: "&").first { $0 == name || $0.hasPrefix(name + "=") }
        return item.map { String($0.dropFirst(name.utf8.count + 1)) }
    }
}

extension UnsafeRawBufferPointer {
    /// The value in a header line of that name, which is given in lower case and with its colon.
    fileprivate func value(of name: StaticString) -> String? {
        let size = name.utf8CodeUnitCount
        guard self.count >= size, let line = self.baseAddress, strncasecmp(line, name.utf8Start, size) == 0 else {
            return nil
        }
        return String(decoding: self[size...].drop { $0 == UInt8(ascii: " ") }, as: UTF8.self)
    }
}
