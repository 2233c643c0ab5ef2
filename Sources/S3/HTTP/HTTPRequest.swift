/// A request as it is handed to curl.
struct HTTPRequest: Sendable {
    let method: S3Request.Method
    /// Ends with a NUL.
    let url: [UInt8]
    /// `name: value` lines, each with a NUL behind it.
    let headers: [UInt8]
    let body: [UInt8]
}
