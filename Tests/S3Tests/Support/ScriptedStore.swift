import Foundation
import Logging
import Synchronization
import Testing

@testable import S3

/// Runs the body with a client of a server that answers as told, and returns what the body does.
///
/// Pauses between tries are noted in `pauses`, not made.
func withScriptedStore<Value: Sendable>(
    _ scripts: [[ScriptedServer.Step]],
    change: (inout S3Configuration) -> Void = { _ in },
    pauses: Pauses = Pauses(),
    credentials: any CredentialsProvider = StaticCredentials(
        Credentials(accessKeyID: "id", secretAccessKey: "s3cret", sessionToken: "t0ken")
    ),
    _ body: @Sendable (S3Client, ScriptedServer) async throws -> Value
) async throws -> Value {
    let server = try ScriptedServer(scripts)
    var configuration = S3Configuration(
        bucket: "uploads",
        region: "us-east-1",
        endpoint: try Endpoint(parsing: "http://127.0.0.1:\(server.port)"),
        timeout: .seconds(10)
    )
    change(&configuration)
    let client = S3Client(
        configuration: configuration,
        credentials: credentials,
        logger: Logger(label: "s3") { _ in SwiftLogNoOpLogHandler() },
        retryPolicy: RetryPolicy(random: { 0.5 }, sleep: { pauses.note($0) })
    )
    return try await withThrowingTaskGroup { group in
        group.addTask { try await client.run() }
        let value = try await body(client, server)
        group.cancelAll()
        try await group.waitForAll()
        return value
    }
}

/// The pauses that a client would have made.
final class Pauses: Sendable {
    private let durations = Mutex<[Duration]>([])

    func note(_ duration: Duration) {
        self.durations.withLock { $0.append(duration) }
    }

    var all: [Duration] { self.durations.withLock { $0 } }
}

/// Bodies as S3 sends them.
enum Answer {
    static let completed = """
        <?xml version="1.0" encoding="UTF-8"?>
        <CompleteMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\
        <Location>http://h/uploads/k</Location><Bucket>uploads</Bucket><Key>k</Key><ETag>&quot;e-1&quot;</ETag>\
        <ChecksumCRC32C>yZRlqg==-1</ChecksumCRC32C></CompleteMultipartUploadResult>
        """
    static let created = """
        <InitiateMultipartUploadResult><Bucket>uploads</Bucket><Key>k</Key><UploadId>u-1</UploadId>\
        </InitiateMultipartUploadResult>
        """

    static func error(_ code: String, more: String = "") -> String {
        """
        <?xml version="1.0"?><Error><Code>\(code)</Code><Message>told so</Message><RequestId>r-1</RequestId>\(more)</Error>
        """
    }
}

extension S3Client {
    func complete() async throws(S3Error) -> CompletedMultipartUpload {
        try await self.completeMultipartUpload(key: "k", uploadID: "u", parts: [(1, "e")])
    }

    func create() async throws(S3Error) -> String {
        try await self.createMultipartUpload(key: "k", contentType: "image/png", metadata: [:]).uploadID
    }

    /// Expects what `Answer.created` says.
    func expectCreation() async throws {
        let id = try await self.create()
        #expect(id == "u-1")
    }
}
