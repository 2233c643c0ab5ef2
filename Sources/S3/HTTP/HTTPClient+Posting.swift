extension HTTPClient {
    /// A client for another service than the store, with a thread of its own.
    ///
    /// - Parameters:
    ///   - timeout: to connect, and between two bytes of an answer.
    ///   - caFile: PEM certificates to trust in place of the system's.
    package convenience init(timeout: Duration, caFile: String?, maxConnections: Int, threadName: String) {
        self.init(
            settings: TransferSettings(timeout: timeout, caFile: caFile, maxConnections: maxConnections),
            threadName: threadName
        )
    }

    /// The answer to a POST, whatever its status.
    ///
    /// - Parameters:
    ///   - url: without a NUL.
    ///   - headers: names and values that may stand in a header, without line ends and NUL.
    package func post(
        _ body: [UInt8],
        to url: String,
        headers: [(name: String, value: String)]
    ) async throws(TransferFailure) -> HTTPResponse {
        let lines: [UInt8] = headers.flatMap { name, value in Array("\(name): \(value)\u{0}".utf8) }
        return try await self.send(HTTPRequest(method: .post, url: Array(url.utf8) + [0], headers: lines, body: body))
    }
}
