/// An answer as it came, whole.
package struct HTTPResponse: Sendable {
    package let status: Int
    package let headers: HTTPHeaders
    package let body: [UInt8]
    /// Whether curl sent the request twice by itself, since a connection used before ended without an answer: the first may
    /// have taken effect all the same.
    var wasSentAgain = false
}
