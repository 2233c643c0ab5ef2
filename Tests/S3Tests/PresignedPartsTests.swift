import Foundation
import Logging
import Testing

@testable import S3

@Suite struct PresignedPartsTests {
    private static let now = Date(timeIntervalSince1970: 1_700_000_000.9)

    @Test(
        "URLs live as asked, seven days at most, and end a minute before the credentials",
        arguments: [
            (1, nil, 1), (0, nil, 1), (86400, nil, 86400), (604_799, nil, 604_799), (604_800, nil, 604_800),
            (604_801, nil, 604_800), (600, 661.0, 600), (600, 660.0, 600), (600, 659.0, 599), (600, 61.0, 1),
            (600, 60.0, nil),
            (600, -5.0, nil),
        ] as [(Int, Double?, Int?)]
    )
    func lifetime(asked: Int, credentialsLeft: Double?, expected: Int?) async throws {
        let client = Self.client(
            credentialsEnd: credentialsLeft.map { Date(timeIntervalSince1970: 1_700_000_000 + $0) }
        )
        guard let expected else {
            let error = await expect(kind: .passing) { try await Self.presign(client, asked: asked, count: 1) }
            #expect(error?.code == "NoCredentials")
            return
        }
        let presigned = try await Self.presign(client, asked: asked, count: 1)
        #expect(presigned.expiresAt == Date(timeIntervalSince1970: 1_700_000_000 + Double(expected)))
        #expect(presigned.urls[0].text.contains("X-Amz-Date=20231114T221320Z&X-Amz-Expires=\(expected)&"))
    }

    @Test("As many as asked, the n-th for part n", arguments: [0, 1, 20, 10000])
    func count(count: Int) async throws {
        let presigned = try await Self.presign(Self.client(), asked: 60, count: count)
        #expect(presigned.urls.count == count)
        for (index, url) in presigned.urls.enumerated() {
            #expect(url.text.contains("&partNumber=\(index + 1)&"))
        }
    }

    @Test("Printed or dumped, they show no URL")
    func redacted() async throws {
        let presigned = try await Self.presign(Self.client(), asked: 60, count: 2)
        var dumped = ""
        for value in [presigned, presigned.urls, presigned.urls[0]] as [Any] {
            dump(value, to: &dumped)
            #expect(!"\(value) \(String(reflecting: value)) \(dumped)".contains("http"))
        }
    }

    @Test("They name the public endpoint, calls the other one")
    func publicEndpoint() async throws {
        let endpoint = try Endpoint(parsing: "https://files.example.com")
        let client = Self.client { $0.publicEndpoint = endpoint }
        #expect(
            try await Self.presign(client, asked: 60, count: 1).urls[0].text.hasPrefix(
                "https://files.example.com/uploads/k?"
            )
        )
        #expect(client.location.authority == "127.0.0.1:9000")
    }

    private static func presign(_ client: S3Client, asked: Int, count: Int) async throws -> PresignedParts {
        try await client.presignedParts(
            key: "k",
            uploadID: "u",
            partCount: count,
            asked: .seconds(asked),
            now: Self.now
        )
    }

    private static func client(credentialsEnd: Date? = nil, change: (inout S3Configuration) -> Void = { _ in })
        -> S3Client
    {
        let endpoint = Endpoint(scheme: .http, host: "127.0.0.1", port: 9000, pathPrefix: "")
        var configuration = S3Configuration(bucket: "uploads", region: "us-east-1", endpoint: endpoint)
        change(&configuration)
        let credentials = Credentials(accessKeyID: "id", secretAccessKey: "secret", expiresAt: credentialsEnd)
        return S3Client(
            configuration: configuration,
            credentials: StaticCredentials(credentials),
            logger: Logger(label: "s3")
        )
    }
}
