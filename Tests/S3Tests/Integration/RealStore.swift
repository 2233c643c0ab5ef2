import Foundation
import Logging
import Testing

@testable import S3

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The S3 server that `TEST_S3_ENDPOINT`, `_ACCESS_KEY`, `_SECRET_KEY`, `_BUCKET` and `_REGION` name.
struct RealStore {
    static let isConfigured = environment["TEST_S3_ENDPOINT"] != nil
    private static let environment = ProcessInfo.processInfo.environment

    let configuration: S3Configuration
    let credentials: Credentials

    init() throws {
        let environment = Self.environment
        self.configuration = S3Configuration(
            bucket: environment["TEST_S3_BUCKET"] ?? "uploads",
            region: environment["TEST_S3_REGION"] ?? "us-east-1",
            endpoint: try Endpoint(parsing: try #require(environment["TEST_S3_ENDPOINT"])),
            timeout: .seconds(20),
            caFile: environment["TEST_S3_CA_FILE"]
        )
        self.credentials = Credentials(
            accessKeyID: try #require(environment["TEST_S3_ACCESS_KEY"]),
            secretAccessKey: try #require(environment["TEST_S3_SECRET_KEY"])
        )
    }

    /// Runs the body with a client whose thread turns.
    func withClient<Value: Sendable>(
        _ change: (inout S3Configuration) -> Void = { _ in },
        credentials: Credentials? = nil,
        _ body: @Sendable (S3Client) async throws -> Value
    ) async throws -> Value {
        var configuration = self.configuration
        change(&configuration)
        let client = S3Client(
            configuration: configuration,
            credentials: StaticCredentials(credentials ?? self.credentials),
            logger: Logger(label: "s3")
        )
        return try await withThrowingTaskGroup { group in
            group.addTask { try await client.run() }
            let value = try await body(client)
            group.cancelAll()
            try await group.waitForAll()
            return value
        }
    }

    /// A key that no other test uses.
    func newKey(_ name: String = "object") -> String {
        "tests/\(UUID().uuidString)/\(name)"
    }
}

/// Puts bytes to a presigned URL as any client would, and returns status and ETag.
func put(_ bytes: Data, to url: String) async throws -> (status: Int, etag: String) {
    var request = URLRequest(url: try #require(URL(string: url)))
    request.httpMethod = "PUT"
    let (_, response) = try await URLSession.shared.upload(for: request, from: bytes)
    let http = try #require(response as? HTTPURLResponse)
    return (http.statusCode, http.value(forHTTPHeaderField: "ETag") ?? "")
}
