/// An answer as it came, whole.
struct HTTPResponse: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]
    /// Whether curl sent the request twice by itself, since a connection used before ended without an answer: the first may
    /// have taken effect all the same.
    var wasSentAgain = false
}
