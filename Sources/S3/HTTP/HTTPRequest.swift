/// A request as it is handed to curl.
struct HTTPRequest: Sendable {
    let method: S3Request.Method
    /// Ends with a NUL.
    let url: [UInt8]
    /// `name: value` lines, each with a NUL behind it.
    let headers: [UInt8]
    let body: [UInt8]
}

/// Printed or dumped, it shows no signature, token or key, which may be in any of it.
extension HTTPRequest: CustomStringConvertible, CustomReflectable {
    var description: String { "HTTPRequest(\(self.method.rawValue), redacted)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

extension HTTPRequest {
    init(method: S3Request.Method, url: String, headers: [(name: String, value: String)], body: [UInt8] = []) {
        var lines: [UInt8] = []
        for header in headers {
            lines.append("\(header.name): \(header.value)")
            lines.append(0)
        }
        self.init(method: method, url: Array(url.utf8) + [0], headers: lines, body: body)
    }
}
