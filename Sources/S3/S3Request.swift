/// A call to the store before it is signed.
struct S3Request: Sendable {
    enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    let operation: S3Operation
    let method: Method
    /// Nil for the bucket itself.
    let key: String?
    /// In order of the names.
    var query: [(name: String, value: String)] = []
    /// Names in lower case; all of them are signed.
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []
}
